import { Command as Commander, Option as CommanderOption, InvalidArgumentError } from 'commander'
import type { Command, Option } from './command.ts'
import { check } from './commands/check.ts'
import { newProtocol } from './commands/new-protocol.ts'
import { proxy } from './commands/proxy.ts'
import { version } from './version.ts'

/** Every command, one line each. */
const COMMANDS: readonly Command[] = [proxy, check, newProtocol]

/** The command line. */
export function createProgram(): Commander {
  const program = new Commander('tulle')
    .description('A service mesh for fleets that speak RPC as well as HTTP')
    .version(version)
    .showHelpAfterError('(try --help)')
    .showSuggestionAfterError()
  for (const command of COMMANDS) add(program, command)
  return program
}

function add(program: Commander, command: Command): void {
  const words = command.name.split(' ')
  const group = words.length > 1 ? groupOf(program, words[0]!) : program
  const sub = group.command(words.at(-1)!).description(command.summary)
  if (command.argument !== null) sub.argument(command.argument)
  for (const option of command.options) sub.addOption(commanderOption(option))
  sub.action(async (...given: unknown[]) => {
    const argument = command.argument === null ? '' : String(given[0])
    process.exitCode = await command.run(argument, sub.opts())
  })
}

/** The command that holds others of this first word. */
function groupOf(program: Commander, word: string): Commander {
  const known = program.commands.find((one) => one.name() === word)
  return known ?? program.command(word).description(`${word} …, see ${word} --help`)
}

function commanderOption({ flags, help, fallback, required, parse }: Option): CommanderOption {
  const option = new CommanderOption(flags, help).makeOptionMandatory(required)
  if (fallback !== null) option.default(parse === null ? fallback : parse(fallback), fallback)
  if (parse !== null)
    option.argParser((text) => {
      const value = parse(text)
      if (value instanceof Error) throw new InvalidArgumentError(value.message)
      return value
    })
  return option
}
