import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathOf } from '../need.ts'
import { answers, freePort, Process } from '../process.ts'

/** nginx at work in a folder of its own. */
export interface Nginx {
  readonly port: number
  /** Where pages are read from and uploads are written to. */
  readonly pages: string
  stop(): Promise<void>
}

/** Starts nginx with the inside of a `server` block; `listen` says more about its port. */
export async function startNginx(server: string, listen = ''): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'tulle-nginx-'))
  const pages = join(folder, 'pages')
  await mkdir(pages)
  const port = await freePort()
  await writeFile(
    join(folder, 'nginx.conf'),
    configuration(folder, pages, `${port} ${listen}`, server),
  )
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]
  const nginx = new Process(pathOf('nginx'), args)
  const stop = async (): Promise<void> => {
    await nginx.stop()
    await rm(folder, { recursive: true })
  }
  try {
    await answers(port)
    return { port, pages, stop }
  } catch (error) {
    await stop()
    throw new Error(`nginx does not start: ${nginx.said}`, { cause: error })
  }
}

function configuration(folder: string, pages: string, listen: string, server: string): string {
  const root = process.getuid?.() === 0 ? 'user root;' : ''
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
${root}
daemon off;
worker_processes 1;
pid ${folder}/pid;
events { worker_connections 512; }
http {
  access_log off;
  default_type text/plain;
  client_max_body_size 0;
  ${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n  ')}
  server {
    listen 127.0.0.1:${listen};
    root ${pages};
${server}
  }
}
`
}
