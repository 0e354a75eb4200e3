/** A whole number of 64 bits: a bigint only where a number would not hold it. */
export function shortest(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** What a number is whose type says no more. */
export function kindOfNumber(value: number | bigint): 'i32' | 'i64' | 'double' {
  if (typeof value === 'bigint') return 'i64'
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return 'double'
  return value === (value | 0) ? 'i32' : 'i64'
}
