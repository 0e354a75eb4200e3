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
  /** A header's name in lower case, or a query parameter's name as it is. */
  readonly name: string
  readonly test:
    | { readonly kind: 'string'; readonly matcher: StringMatcher }
    /** An integer in [start, end). */
    | { readonly kind: 'range'; readonly start: number; readonly end: number }
    | { readonly kind: 'present'; readonly present: boolean }
  readonly invert: boolean
  readonly treatMissingAsEmpty: boolean
}
