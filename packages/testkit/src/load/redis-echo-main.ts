/** `node redis-echo-main.ts PORT`: the echo in a process of its own. */
import { startRedisEcho } from './redis-echo.ts'

await startRedisEcho(Number(process.argv[2]))
