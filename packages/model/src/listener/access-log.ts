import {
  atMostOne,
  extension,
  filledText,
  message,
  nullable,
  required,
  struct,
  type Type,
  text,
  unsupported,
  unused,
} from '../decode/index.ts'
import type { AccessLogConfig } from '../listener.ts'
import { dataSourceMessage } from '../route/answer.ts'

/** What an access log writes when its configuration says nothing. */
export const DEFAULT_ACCESS_LOG_TEMPLATE: string = [
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%"',
  '%RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION%',
  '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%"',
  '"%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"\n',
].join(' ')

type Format = AccessLogConfig['format']

const DEFAULT_FORMAT: Format = { kind: 'text', template: DEFAULT_ACCESS_LOG_TEMPLATE }

const formatMessage: Type<Format> = message(
  'envoy.config.core.v3.SubstitutionFormatString',
  {
    text_format_source: nullable(dataSourceMessage, 'A line of text with format operators.'),
    text_format: nullable(text, 'The older spelling of `text_format_source: {inline_string}`.'),
    json_format: nullable(struct, 'An object whose strings hold format operators.'),
    ...unused('content_type', 'json_format_options'),
    ...unsupported('omit_empty_values', 'formatters'),
  },
  ({ text_format_source, text_format, json_format }, at) => {
    atMostOne(at, { text_format_source, text_format, json_format })
    if (json_format) return { kind: 'json', template: json_format }
    const template = text_format_source ?? text_format
    return template === null ? DEFAULT_FORMAT : { kind: 'text', template }
  },
)

const FILE = 'envoy.extensions.access_loggers.file.v3.FileAccessLog'

const fileMessage: Type<AccessLogConfig> = message(
  FILE,
  {
    path: required(filledText, 'The file that lines are appended to.'),
    log_format: nullable(formatMessage, "What is written; Envoy's line when nothing is said."),
    format: nullable(text, 'The older spelling of `log_format: {text_format}`.'),
    json_format: nullable(struct, 'The older spelling of `log_format: {json_format}`.'),
    typed_json_format: nullable(struct, 'The older spelling of `log_format: {json_format}`.'),
  },
  ({ path, log_format, format, json_format, typed_json_format }, at) => {
    atMostOne(at, { log_format, format, json_format, typed_json_format })
    const json = json_format ?? typed_json_format
    if (json) return { path, format: { kind: 'json', template: json } }
    if (format) return { path, format: { kind: 'text', template: format } }
    return { path, format: log_format ?? DEFAULT_FORMAT }
  },
)

const STDOUT = 'envoy.extensions.access_loggers.stream.v3.StdoutAccessLog'
const STDERR = 'envoy.extensions.access_loggers.stream.v3.StderrAccessLog'

function streamMessage(name: string, path: string): Type<AccessLogConfig> {
  return message(
    name,
    { log_format: nullable(formatMessage, "What is written; Envoy's line when nothing is said.") },
    (it) => ({ path, format: it.log_format ?? DEFAULT_FORMAT }),
  )
}

/** `envoy.config.accesslog.v3.AccessLog`. */
export const accessLogMessage: Type<AccessLogConfig> = extension(
  'envoy.config.accesslog.v3.AccessLog',
  {
    [FILE]: fileMessage,
    [STDOUT]: streamMessage(STDOUT, '/dev/stdout'),
    [STDERR]: streamMessage(STDERR, '/dev/stderr'),
  },
  unsupported('filter'),
)
