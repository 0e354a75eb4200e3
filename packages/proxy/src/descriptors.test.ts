import { describe, expect, it } from 'vitest'
import { Descriptors } from './descriptors.ts'

describe('file descriptors', () => {
  it('are refused to clients before they are to hosts', () => {
    const descriptors = new Descriptors(100)
    descriptors.clients = 60
    descriptors.hosts = 29
    expect(descriptors.clientRefusal).toBeNull()
    descriptors.hosts = 30
    expect(descriptors.clientRefusal).toMatch(/60 clients and 30 hosts of 100/)
    expect(descriptors.hostRefusal).toBeNull()
    descriptors.hosts = 40
    expect(descriptors.hostRefusal).toMatch(/60 clients and 40 hosts of 100/)
  })

  it('are not counted where the system sets no limit', () => {
    const descriptors = new Descriptors()
    descriptors.clients = 1_000_000
    expect([descriptors.clientRefusal, descriptors.hostRefusal]).toEqual([null, null])
  })
})
