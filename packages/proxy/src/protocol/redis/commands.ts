import { Command, Handling, KeyAt } from './command.ts'

const { Share, Own, Special } = Handling

interface Group {
  readonly key: number
  readonly handling?: Handling
  readonly reads?: boolean
  readonly container?: boolean
  readonly names: string
}

/**
 * The commands of Redis 8 and Valkey 9. Those that are not here go by their name: with a dot they are a module's, which
 * share; others may mean something to their connection, and get one of their own.
 */
const GROUPS: readonly Group[] = [
  {
    key: 1,
    reads: true,
    names: `BITCOUNT BITFIELD_RO BITPOS DIGEST DUMP EXISTS EXPIRETIME GEODIST GEOHASH GEOPOS GEORADIUS_RO
      GEORADIUSBYMEMBER_RO GEOSEARCH GET GETBIT GETRANGE HEXISTS HEXPIRETIME HGET HGETALL HKEYS HLEN HMGET HPEXPIRETIME
      HPTTL HRANDFIELD HSCAN HSTRLEN HTTL HVALS LCS LINDEX LLEN LPOS LRANGE MGET PEXPIRETIME PFCOUNT PTTL SCARD SDIFF
      SINTER SISMEMBER SMEMBERS SMISMEMBER SORT_RO SRANDMEMBER SSCAN STRLEN SUBSTR SUNION TOUCH TTL TYPE VCARD VDIM VEMB
      VGETATTR VINFO VISMEMBER VLINKS VRANDMEMBER VRANGE VSIM XLEN XPENDING XRANGE XREVRANGE ZCARD ZCOUNT ZLEXCOUNT
      ZMSCORE ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK
      ZSCAN ZSCORE`,
  },
  { key: 2, reads: true, names: 'SINTERCARD ZDIFF ZINTER ZINTERCARD ZUNION' },
  { key: 2, reads: true, container: true, names: 'MEMORY OBJECT XINFO' },
  { key: 3, reads: true, names: 'EVAL_RO EVALSHA_RO FCALL_RO' },
  {
    key: KeyAt.None,
    reads: true,
    names: 'DBSIZE ECHO INFO KEYS LASTSAVE LOLWUT PING RANDOMKEY ROLE SCAN TIME',
  },
  { key: KeyAt.None, reads: true, container: true, names: 'COMMAND PUBSUB' },
  {
    key: 1,
    names: `APPEND BITFIELD COPY DECR DECRBY DEL DELEX DELIFEQ EXPIRE EXPIREAT GEOADD GEORADIUS GEORADIUSBYMEMBER
      GEOSEARCHSTORE GETDEL GETEX GETSET HDEL HEXPIRE HEXPIREAT HGETDEL HGETEX HINCRBY HINCRBYFLOAT HMSET HPERSIST
      HPEXPIRE HPEXPIREAT HSET HSETEX HSETNX INCR INCRBY INCRBYFLOAT LINSERT LMOVE LPOP LPUSH LPUSHX LREM LSET LTRIM MOVE
      MSET MSETNX PERSIST PEXPIRE PEXPIREAT PFADD PFDEBUG PFMERGE PSETEX PUBLISH RENAME RENAMENX RESTORE RESTORE-ASKING
      RPOP RPOPLPUSH RPUSH RPUSHX SADD SDIFFSTORE SET SETBIT SETEX SETNX SETRANGE SINTERSTORE SMOVE SORT SPOP SPUBLISH
      SREM SUNIONSTORE UNLINK VADD VREM VSETATTR XACK XACKDEL XADD XAUTOCLAIM XCLAIM XDEL XDELEX XSETID XTRIM ZADD
      ZDIFFSTORE ZINCRBY ZINTERSTORE ZPOPMAX ZPOPMIN ZRANGESTORE ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE
      ZUNIONSTORE`,
  },
  { key: 2, names: 'BITOP LMPOP MSETEX ZMPOP' },
  { key: 2, container: true, names: 'XGROUP' },
  { key: 3, names: 'EVAL EVALSHA FCALL MIGRATE' },
  {
    key: KeyAt.None,
    names: `BGREWRITEAOF BGSAVE DISCARD EXEC FAILOVER FLUSHALL FLUSHDB PFSELFTEST REPLICAOF SAVE SHUTDOWN SLAVEOF SWAPDB
      UNWATCH`,
  },
  {
    key: KeyAt.None,
    container: true,
    names: 'ACL CLUSTER CONFIG LATENCY MODULE SLOWLOG',
  },
  {
    key: 1,
    handling: Own,
    names: `BLMOVE BLPOP BRPOP BRPOPLPUSH BZPOPMAX BZPOPMIN PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE
      UNSUBSCRIBE WATCH`,
  },
  { key: 3, handling: Own, names: 'BLMPOP BZMPOP' },
  {
    key: KeyAt.None,
    handling: Own,
    names: 'ASKING AUTH MONITOR MULTI PSYNC READONLY READWRITE REPLCONF SYNC WAIT WAITAOF',
  },
  { key: KeyAt.None, handling: Own, container: true, names: 'DEBUG' },
  { key: KeyAt.None, handling: Special, names: 'HELLO QUIT RESET SELECT' },
  { key: KeyAt.None, handling: Special, container: true, names: 'CLIENT FUNCTION SCRIPT' },
  { key: KeyAt.Streams, handling: Special, reads: true, names: 'XREAD' },
  { key: KeyAt.Streams, handling: Special, names: 'XREADGROUP' },
]

/** Of a module, which names its commands `JSON.GET`. */
export const MODULE: Command = new Command('', 1, Share, false, false)
/** Of a server that knows more than we do. */
export const UNKNOWN: Command = new Command('', 1, Own, false, false)

const SLOTS = 2048
const LOWER = 0x20
const DOT = 46

/** One entry for each command, found by its folded name; a place that is taken leads to the next. */
const table: (Entry | null)[] = new Array<Entry | null>(SLOTS).fill(null)

class Entry {
  /** In lower case, or what else bit 5 makes of its bytes. */
  readonly name: Buffer
  readonly command: Command

  constructor(command: Command) {
    this.name = Buffer.from(command.name, 'latin1').map((byte) => byte | LOWER) as Buffer
    this.command = command
  }
}

for (const { key, handling = Share, reads = false, container = false, names } of GROUPS)
  for (const name of names.split(/\s+/)) {
    const entry = new Entry(new Command(name, key, handling, reads, container))
    let slot = hash(entry.name, 0, entry.name.length)
    while (table[slot] !== null) slot = (slot + 1) & (SLOTS - 1)
    table[slot] = entry
  }

/** The command of this name, in whatever case; nothing is made for it. */
export function findCommand(buf: Buffer, start: number, end: number): Command {
  for (let slot = hash(buf, start, end); ; slot = (slot + 1) & (SLOTS - 1)) {
    const entry = table[slot]!
    if (entry === null) return hasDot(buf, start, end) ? MODULE : UNKNOWN
    if (entry.name.length === end - start && same(entry.name, buf, start)) return entry.command
  }
}

function hash(buf: Buffer, start: number, end: number): number {
  let value = end - start
  const stop = Math.min(end, start + 24)
  for (let i = start; i < stop; i++) value = (Math.imul(value, 31) + (buf[i]! | LOWER)) | 0
  return (value ^ (value >>> 11)) & (SLOTS - 1)
}

function same(name: Buffer, buf: Buffer, start: number): boolean {
  for (let i = 0; i < name.length; i++) if (name[i] !== (buf[start + i]! | LOWER)) return false
  return true
}

function hasDot(buf: Buffer, start: number, end: number): boolean {
  const dot = buf.indexOf(DOT, start)
  return dot > start && dot < end
}
