import {
  atMostOne,
  boolean,
  exactlyOne,
  filledText,
  fullMatch,
  integer,
  mapped,
  message,
  nullable,
  optional,
  required,
  type Type,
  text,
  unsupported,
  unused,
} from './decode/index.ts'

/** `envoy.type.matcher.v3.StringMatcher`. `ignoreCase` does not apply to `regex`. */
export type StringMatcher =
  | { readonly kind: 'exact'; readonly value: string; readonly ignoreCase: boolean }
  | { readonly kind: 'prefix'; readonly value: string; readonly ignoreCase: boolean }
  | { readonly kind: 'suffix'; readonly value: string; readonly ignoreCase: boolean }
  | { readonly kind: 'contains'; readonly value: string; readonly ignoreCase: boolean }
  /** Matches the whole string, as RE2's full match does. */
  | { readonly kind: 'regex'; readonly value: RegExp }

/** `HeaderMatcher` and `QueryParameterMatcher` of `envoy.config.route.v3`. */
export interface KeyMatcher {
  /** An HTTP header's name in lower case; a query parameter's or an RPC header's as it is. */
  readonly name: string
  readonly test:
    | { readonly kind: 'string'; readonly matcher: StringMatcher }
    /** An integer in [start, end). */
    | { readonly kind: 'range'; readonly start: number; readonly end: number }
    | { readonly kind: 'present'; readonly present: boolean }
  readonly invert: boolean
  readonly treatMissingAsEmpty: boolean
}

const INT64: Type<number> = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)

/** `envoy.type.v3.Int64Range`: [start, end). */
export const rangeMessage: Type<{ readonly start: number; readonly end: number }> = message(
  'envoy.type.v3.Int64Range',
  {
    start: optional(INT64, 0, 'The first number inside.'),
    end: optional(INT64, 0, 'The first number beyond.'),
  },
  (it, at) => {
    if (it.start >= it.end && !at.troubled)
      at.say(`holds no number: "end" (${it.end}) must be greater than "start" (${it.start})`)
    return it
  },
)

/** `envoy.type.matcher.v3.RegexMatcher`, its expression not yet compiled. */
export const patternMessage: Type<string> = message(
  'envoy.type.matcher.v3.RegexMatcher',
  {
    regex: required(filledText, 'An expression in the language of RE2.'),
    ...unused('google_re2'),
  },
  (it) => it.regex,
)

/** A `RegexMatcher` that must match a whole string. */
export const regexMessage: Type<RegExp> = mapped(patternMessage, (regex, at) =>
  fullMatch(regex, at.child('regex')),
)

/** `envoy.type.matcher.v3.StringMatcher`. */
export const stringMatcherMessage: Type<StringMatcher> = message(
  'envoy.type.matcher.v3.StringMatcher',
  {
    exact: nullable(text, 'The whole string.'),
    prefix: nullable(filledText, 'How it begins.'),
    suffix: nullable(filledText, 'How it ends.'),
    contains: nullable(filledText, 'What is somewhere in it.'),
    safe_regex: nullable(regexMessage, 'An expression that matches the whole string.'),
    ignore_case: optional(
      boolean,
      false,
      'Upper and lower case are the same; not for `safe_regex`, which has `(?i)`.',
    ),
    ...unsupported('custom'),
  },
  ({ exact, prefix, suffix, contains, safe_regex, ignore_case: ignoreCase }, at): StringMatcher => {
    exactlyOne(at, { exact, prefix, suffix, contains, safe_regex })
    if (safe_regex) return { kind: 'regex', value: safe_regex }
    if (prefix !== null) return { kind: 'prefix', value: prefix, ignoreCase }
    if (suffix !== null) return { kind: 'suffix', value: suffix, ignoreCase }
    if (contains !== null) return { kind: 'contains', value: contains, ignoreCase }
    return { kind: 'exact', value: exact ?? '', ignoreCase }
  },
)

/** `envoy.config.route.v3.HeaderMatcher`; names of HTTP headers are lowered, those of RPC kept. */
export function headerMatcherMessage(protocol: 'http' | 'rpc'): Type<KeyMatcher> {
  return message(
    'envoy.config.route.v3.HeaderMatcher',
    {
      name: required(filledText, 'The name of the header; RPC headers with their case.'),
      string_match: nullable(stringMatcherMessage, 'What the value must be.'),
      exact_match: nullable(text, 'The older spelling of `string_match: {exact}`.'),
      safe_regex_match: nullable(
        regexMessage,
        'The older spelling of `string_match: {safe_regex}`.',
      ),
      prefix_match: nullable(filledText, 'The older spelling of `string_match: {prefix}`.'),
      suffix_match: nullable(filledText, 'The older spelling of `string_match: {suffix}`.'),
      contains_match: nullable(filledText, 'The older spelling of `string_match: {contains}`.'),
      range_match: nullable(rangeMessage, 'The value is an integer in this range.'),
      present_match: nullable(
        boolean,
        'Whether the header must be there (true, also when nothing is said) or must not (false).',
      ),
      invert_match: optional(boolean, false, 'Turns the result round.'),
      treat_missing_header_as_empty: optional(
        boolean,
        false,
        'A header that is not there counts as an empty one.',
      ),
    },
    ({ name, invert_match: invert, treat_missing_header_as_empty, ...it }, at) => {
      const { string_match, exact_match, safe_regex_match, prefix_match } = it
      const { suffix_match, contains_match, range_match, present_match } = it
      atMostOne(at, {
        string_match,
        exact_match,
        safe_regex_match,
        prefix_match,
        suffix_match,
        contains_match,
        range_match,
        present_match,
      })
      const matcher = string_match ?? olderSpelling(it)
      return {
        name: protocol === 'http' ? name.toLowerCase() : name,
        test: matcher
          ? { kind: 'string', matcher }
          : range_match
            ? { kind: 'range', start: range_match.start, end: range_match.end }
            : { kind: 'present', present: present_match ?? true },
        invert,
        treatMissingAsEmpty: treat_missing_header_as_empty,
      }
    },
  )
}

interface OlderSpelling {
  readonly exact_match: string | null
  readonly safe_regex_match: RegExp | null
  readonly prefix_match: string | null
  readonly suffix_match: string | null
  readonly contains_match: string | null
}

function olderSpelling(it: OlderSpelling): StringMatcher | null {
  const ignoreCase = false
  if (it.exact_match !== null) return { kind: 'exact', value: it.exact_match, ignoreCase }
  if (it.safe_regex_match !== null) return { kind: 'regex', value: it.safe_regex_match }
  if (it.prefix_match !== null) return { kind: 'prefix', value: it.prefix_match, ignoreCase }
  if (it.suffix_match !== null) return { kind: 'suffix', value: it.suffix_match, ignoreCase }
  if (it.contains_match !== null) return { kind: 'contains', value: it.contains_match, ignoreCase }
  return null
}

/** `envoy.config.route.v3.QueryParameterMatcher`. */
export const queryMatcherMessage: Type<KeyMatcher> = message(
  'envoy.config.route.v3.QueryParameterMatcher',
  {
    name: required(filledText, 'The name of the parameter.'),
    string_match: nullable(stringMatcherMessage, 'What the value must be.'),
    present_match: nullable(
      boolean,
      'Whether the parameter must be there (true, also when nothing is said) or must not (false).',
    ),
  },
  ({ name, string_match, present_match }, at) => {
    atMostOne(at, { string_match, present_match })
    return {
      name,
      test: string_match
        ? { kind: 'string', matcher: string_match }
        : { kind: 'present', present: present_match ?? true },
      invert: false,
      treatMissingAsEmpty: false,
    }
  },
)
