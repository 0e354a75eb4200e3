import { expect, it } from 'vitest'
import { Unfit } from '../health.ts'
import { unfitReasons } from './unfit.ts'

it('has a word for every reason, and none for a fit host', () => {
  expect(unfitReasons(0)).toEqual([])
  for (const bit of Object.values(Unfit)) expect(unfitReasons(bit)).toHaveLength(1)
  expect(unfitReasons(Unfit.Check | Unfit.Outlier)).toEqual([
    'failed health check',
    'ejected as outlier',
  ])
})
