import type { HeaderEdit, HeaderEdits } from '@tulle/model'
import { FakeChain, FakeProtocol, type Headers } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { Compilation } from './compilation.ts'
import { LevelEdits } from './edits.ts'

const protocol = new FakeProtocol('http/1.1')
const NONE: HeaderEdits = { remove: [], add: [] }

describe('changes of headers', () => {
  it.each([
    ['append', 'old', 'old, new'],
    ['append', undefined, 'new'],
    ['add-if-absent', 'old', 'old'],
    ['add-if-absent', undefined, 'new'],
    ['overwrite', 'old', 'new'],
    ['overwrite', undefined, 'new'],
    ['overwrite-if-exists', 'old', 'new'],
    ['overwrite-if-exists', undefined, undefined],
  ] as const)('%s makes of %j %j, with operators or without', (action, before, after) => {
    const headers = before === undefined ? {} : { x: before }
    expect(changed({ remove: [], add: [{ name: 'X', value: 'new', action }] }, headers)).toBe(after)
    const value = '%REQ(y)%'
    const edits = { remove: [], add: [{ name: 'X', value, action }] }
    expect(changed(edits, { ...headers, y: 'new' })).toBe(after)
  })

  it('remove first and add then', () => {
    const add = [edit('x', 'new', 'append')]
    expect(changed({ remove: ['X'], add }, { x: 'old' })).toBe('new')
    expect(changed({ remove: ['X'], add: [] }, { x: 'old' })).toBeUndefined()
  })

  it('leave a header alone whose value comes out empty', () => {
    expect(changed({ remove: [], add: [edit('x', '%REQ(y)%')] }, { x: 'old' })).toBe('old')
    expect(changed({ remove: [], add: [edit('x', '')] }, { x: 'old' })).toBe('old')
  })

  it('apply from the inside out, so that the outermost level has the last word', () => {
    const [inner, middle, outer] = ['inner', 'middle', 'outer'].map((name) =>
      levelOf({ remove: [], add: [edit('x', name), edit('list', name, 'append')] }),
    )
    const edits = inner!.within(middle!).within(outer!)
    const request = protocol.request({})
    edits.request?.apply(request, streamOf(request))
    expect(request.header('x')).toBe('outer')
    expect(request.header('list')).toBe('inner, middle, outer')
  })

  it('are nothing to ask for where no level has any', () => {
    const edits = levelOf(NONE).within(levelOf(NONE))
    expect([edits.request, edits.response]).toEqual([null, null])
    const some = levelOf({ remove: ['x'], add: [] })
    expect(levelOf(NONE).within(some).request).toBe(some.request)
    expect(some.within(levelOf(NONE)).request).toBe(some.request)
  })

  it('of an answer see the answer they change', () => {
    const response = { remove: [], add: [edit('x', 'was %RESP(server)%')] }
    const edits = LevelEdits.of(
      { requestHeaders: NONE, responseHeaders: response },
      compilation(),
      '',
    )
    const stream = streamOf(protocol.request({}))
    const answer = protocol.response({ ':status': '200', server: 'apache' })
    edits.response?.apply(answer, stream)
    expect(answer.header('x')).toBe('was apache')
    expect(stream.response).toBeNull()
  })

  it('keep the case of names for RPC', () => {
    const edits = LevelEdits.of(
      { requestHeaders: { remove: [], add: [edit('X-Zone', 'a')] }, responseHeaders: NONE },
      compilation('rpc'),
      '',
    )
    const request = protocol.request({})
    edits.request?.apply(request, streamOf(request))
    expect(request.header('X-Zone')).toBe('a')
  })
})

function edit(name: string, value: string, action: HeaderEdit['action'] = 'overwrite'): HeaderEdit {
  return { name, value, action }
}

function changed(edits: HeaderEdits, headers: Headers): string | undefined {
  const request = protocol.request(headers)
  levelOf(edits).request?.apply(request, streamOf(request))
  return request.header('x')
}

function levelOf(edits: HeaderEdits): LevelEdits {
  return LevelEdits.of({ requestHeaders: edits, responseHeaders: NONE }, compilation(), '')
}

function compilation(kind: 'http' | 'rpc' = 'http'): Compilation<string> {
  return { kind, resolve: (name) => name, ask: () => {}, problems: [] }
}

function streamOf(request: ReturnType<FakeProtocol['request']>) {
  return new FakeChain().session.open(request)
}
