import { Metrics } from '@tulle/core'
import { expect, it } from 'vitest'
import { clusterGrpcFamily } from '../metrics.ts'
import { GrpcCounts } from './grpc-counts.ts'

function counted(metrics: Metrics): unknown {
  return metrics.sample().map(({ labels, values }) => [labels.join(' '), values.calls])
}

it('counts by status, each series from its first call on', () => {
  const metrics = new Metrics()
  const counts = new GrpcCounts(metrics, clusterGrpcFamily, 'shop')
  expect(counted(metrics)).toEqual([])
  for (const status of [0, 14, 0, 16]) counts.count(status)
  expect(counted(metrics)).toEqual([
    ['shop OK', 2],
    ['shop UNAVAILABLE', 1],
    ['shop UNAUTHENTICATED', 1],
  ])
})

it('makes no series for codes that gRPC does not have', () => {
  const metrics = new Metrics()
  const counts = new GrpcCounts(metrics, clusterGrpcFamily, 'shop')
  for (const status of [17, 99, 999_999_999]) counts.count(status)
  expect(counted(metrics)).toEqual([['shop UNKNOWN', 3]])
})

it('goes on where one of the same labels was before, and takes all of it back', () => {
  const metrics = new Metrics()
  const before = new GrpcCounts(metrics, clusterGrpcFamily, 'shop')
  before.count(0)
  before.count(5)
  const counts = new GrpcCounts(metrics, clusterGrpcFamily, 'shop')
  counts.count(0)
  expect(counted(metrics)).toEqual([
    ['shop OK', 2],
    ['shop NOT_FOUND', 1],
  ])
  counts.drop()
  counts.count(3)
  expect(counted(metrics)).toEqual([])
})
