import { nameIn } from '@tulle/model'
import type { Naming } from '../../transcode/callees.ts'

/** As Tars names servants, `App.Server.Obj`: nothing else tells two of them apart. */
export const naming: Naming = {
  protocol: 'tars',
  full: (service) => nameIn('tars', service),
  parts: (path) => ({ group: '', path, version: '' }),
}
