/** Numbers of RFC 9113: types of frames (§6), their flags, error codes (§7), settings (§6.5.2). */
export const FrameType = {
  Data: 0,
  Headers: 1,
  Priority: 2,
  RstStream: 3,
  Settings: 4,
  PushPromise: 5,
  Ping: 6,
  GoAway: 7,
  WindowUpdate: 8,
  Continuation: 9,
} as const

export const Flag = { EndStream: 1, Ack: 1, EndHeaders: 4, Padded: 8, Priority: 32 } as const

export const ErrorCode = {
  NoError: 0,
  ProtocolError: 1,
  InternalError: 2,
  FlowControlError: 3,
  SettingsTimeout: 4,
  StreamClosed: 5,
  FrameSizeError: 6,
  RefusedStream: 7,
  Cancel: 8,
  CompressionError: 9,
  ConnectError: 10,
  EnhanceYourCalm: 11,
  InadequateSecurity: 12,
  Http11Required: 13,
} as const
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode]

const ERROR_NAMES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
]

/** An error code as the RFC calls it. */
export function errorName(code: number): string {
  return ERROR_NAMES[code] ?? `error ${code}`
}

export const Setting = {
  HeaderTableSize: 1,
  EnablePush: 2,
  MaxConcurrentStreams: 3,
  InitialWindowSize: 4,
  MaxFrameSize: 5,
  MaxHeaderListSize: 6,
  /** RFC 8441. */
  EnableConnectProtocol: 8,
} as const

/** Bytes of a frame's head: length 24 bits, type 8, flags 8, stream 31. */
export const HEAD_BYTES = 9
/** What every peer takes, and all that we take: larger frames only delay others. */
export const FRAME_BYTES: number = 16_384
export const MAX_WINDOW: number = 2 ** 31 - 1
export const MAX_STREAM_ID: number = 2 ** 31 - 1
/** Windows before the first SETTINGS (§6.9.2). */
export const DEFAULT_WINDOW: number = 65_535

/** What a client says first (§3.4). */
export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')
