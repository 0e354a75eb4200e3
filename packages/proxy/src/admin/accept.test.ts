import { expect, it } from 'vitest'
import { prefersOpenMetrics } from './accept.ts'

it.each([
  [undefined, false],
  ['*/*', false],
  ['text/plain', false],
  ['application/openmetrics-text', true],
  ['Application/OpenMetrics-Text; version=1.0.0', true],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    true,
  ],
  ['application/openmetrics-text;q=0.2, text/plain;q=0.8', false],
  ['application/openmetrics-text;q=0', false],
])('a reader that accepts %s prefers OpenMetrics: %s', (accept, preferred) => {
  expect(prefersOpenMetrics(accept)).toBe(preferred)
})
