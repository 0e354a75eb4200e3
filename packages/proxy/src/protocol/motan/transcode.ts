import { bad, good, type Problem, type Result } from '@tulle/core'
import type { ServiceInterface } from '@tulle/model'
import type { Protocol } from '../../protocol.ts'
import type { Tongue, Transcoder } from '../../transcoder.ts'
import { Directory } from './directory.ts'
import { MotanTongue } from './tongue.ts'

/**
 * Calls of declared services in Motan2: simple serialisation where all of a method is simple, else Hessian 2.0. Read are
 * both, JSON, and calls of Motan1.
 */
export const motanTranscoder = (motan: Protocol): Transcoder => ({
  configure(services: readonly ServiceInterface[], at: string): Result<Tongue> {
    const directory = new Directory(services)
    const problems = services.flatMap((service, i) => problemsOf(service, directory, `${at}[${i}]`))
    return problems.length > 0 ? bad(...problems) : good(new MotanTongue(motan, directory))
  },
})

/** Motan tells methods of one name apart by their parameters' classes, which therefore must be known. */
function problemsOf(service: ServiceInterface, directory: Directory, at: string): Problem[] {
  return service.methods.flatMap((method, i) => {
    const { overloaded, classes } = directory.of(service, method)
    if (!overloaded || classes !== '') return []
    const what = `"${method.name}" is there more than once: Motan needs the Java class of every parameter`
    return [{ at: `${at}.methods[${i}]`, what }]
  })
}
