import {
  atMostOne,
  base64Text,
  boolean,
  choice,
  exactlyOne,
  integer,
  message,
  nullable,
  optional,
  required,
  type Type,
  text,
  unsupported,
} from '../decode/index.ts'
import type { DirectResponseAction, RedirectAction } from '../route.ts'
import { regexRewriteMessage } from './forward.ts'

const STATUSES = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
} as const

/** `envoy.config.route.v3.RedirectAction`. */
export const redirectMessage: Type<RedirectAction> = message(
  'envoy.config.route.v3.RedirectAction',
  {
    response_code: optional(choice(Object.keys(STATUSES), STATUSES), 301, 'The status.'),
    https_redirect: optional(boolean, false, 'To `https`.'),
    scheme_redirect: optional(text, '', 'To this scheme: `http` or `https`.'),
    host_redirect: optional(text, '', 'To this host.'),
    port_redirect: optional(integer(0, 65535), 0, 'To this port; 0 keeps it.'),
    path_redirect: nullable(text, 'To this path; a query in it takes the place of the old one.'),
    prefix_rewrite: nullable(text, 'Takes the place of the prefix that matched.'),
    regex_rewrite: nullable(regexRewriteMessage, 'Rewrites the path, without its query.'),
    strip_query: optional(boolean, false, 'Leaves the query out.'),
  },
  ({ path_redirect, prefix_rewrite, regex_rewrite, ...it }, at): RedirectAction => {
    atMostOne(at, { path_redirect, prefix_rewrite, regex_rewrite })
    const scheme = it.https_redirect ? 'https' : it.scheme_redirect.toLowerCase()
    if (it.https_redirect && it.scheme_redirect !== '')
      at.say('only one of "https_redirect" and "scheme_redirect" may be given')
    if (scheme !== '' && scheme !== 'http' && scheme !== 'https')
      at.child('scheme_redirect').say(`must be "http" or "https", not "${scheme}"`)
    return {
      kind: 'redirect',
      status: it.response_code,
      scheme: scheme === 'http' || scheme === 'https' ? scheme : null,
      host: it.host_redirect || null,
      port: it.port_redirect || null,
      path:
        regex_rewrite ??
        (path_redirect
          ? { kind: 'path', value: path_redirect }
          : prefix_rewrite
            ? { kind: 'prefix', value: prefix_rewrite }
            : null),
      stripQuery: it.strip_query,
    }
  },
)

/** `envoy.config.core.v3.DataSource`, of which only text in the file itself is read. */
export const dataSourceMessage: Type<string> = message(
  'envoy.config.core.v3.DataSource',
  {
    inline_string: nullable(text, 'The text.'),
    inline_bytes: nullable(base64Text, 'The text in base64.'),
    ...unsupported('filename', 'environment_variable', 'watched_directory'),
  },
  ({ inline_string, inline_bytes }, at) => {
    exactlyOne(at, { inline_string, inline_bytes })
    return inline_string ?? inline_bytes ?? ''
  },
)

/** `envoy.config.route.v3.DirectResponseAction`. */
export const directResponseMessage: Type<DirectResponseAction> = message(
  'envoy.config.route.v3.DirectResponseAction',
  {
    status: required(integer(200, 599), 'The status.'),
    body: optional(dataSourceMessage, '', 'What the answer says.'),
    ...unsupported('body_format'),
  },
  (it) => ({ kind: 'direct', status: it.status, body: it.body }),
)
