import { readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';

/** One line of a Dockerfile, continuation lines joined. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
}
export interface Stage {
  readonly base: string;
  /** `FROM … AS name`, or its number. */
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile. Throws at a line that it does not understand. */
export function stagesOf(text: string): readonly Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { base: string; name: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined || rest === undefined) throw new Error(`not understood: ${line}`);
    if (name === 'FROM') {
      const [base = '', , as] = rest.split(/\s+/);
      stages.push({ base, name: as ?? String(stages.length), instructions: [] });
    } else stages.at(-1)?.instructions.push({ name, rest });
  }
  return stages;
}

/** All values of an instruction, in order. */
export function values(stage: Stage, name: string): readonly string[] {
  return stage.instructions.filter((one) => one.name === name).map((one) => one.rest);
}

/** `ENV A=b C=d` of a stage; no quotes, since this project's needs none. */
export function environmentOf(stage: Stage): Readonly<Record<string, string>> {
  const pairs = values(stage, 'ENV').flatMap((rest) =>
    rest.split(/\s+/).map((pair) => pair.split('=') as [string, string]),
  );
  return Object.fromEntries(pairs);
}

/** `["a", "b"]` of a CMD or ENTRYPOINT, whatever stands before it. */
export function exec(rest: string): readonly string[] {
  return JSON.parse(rest.slice(rest.indexOf('['))) as readonly string[];
}

/** What `.dockerignore` leaves in the build context: the last pattern that matches a path or one of its folders decides. */
export function inContext(project: string): (path: string) => boolean {
  const rules = readFileSync(join(project, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keeps: line.startsWith('!'), pattern: line.replace(/^!/, '') }));
  return (path) => {
    const parts = path.split('/');
    const prefixes = parts.map((_, at) => parts.slice(0, at + 1).join('/'));
    let keeps = true;
    for (const rule of rules) if (prefixes.some((one) => matchesGlob(one, rule.pattern))) keeps = rule.keeps;
    return keeps;
  };
}
