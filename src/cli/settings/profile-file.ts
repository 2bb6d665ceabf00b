import { join, resolve } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import { type Problem, ProblemError } from '../../domain/problem.ts';
import { closestName } from '../../wire/closest-name.ts';
import type { CliContext } from '../cli-context.ts';
import { isProfileKey, type Profile, type ProfileFile, profileKeys } from './profile.ts';

/** Where the profiles are: MESH_CONFIG, or `mesh/config.yaml` where the system keeps settings. */
export function profilePath({ env, folder }: Pick<CliContext, 'env' | 'folder'>): string {
  if (env.MESH_CONFIG) return resolve(folder, env.MESH_CONFIG);
  const settings = env.XDG_CONFIG_HOME || join(env.HOME || env.USERPROFILE || folder, '.config');
  return join(settings, 'mesh', 'config.yaml');
}

/** The file as it is written, so that comments outlive a change; an empty one where there is none. */
export async function readProfileDocument(context: CliContext): Promise<Document> {
  const path = profilePath(context);
  const text = (await context.exists(path)) ? new TextDecoder().decode(await context.readFile(path)) : '';
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new ProblemError(wrong(path, '', error.message.split('\n')[0] ?? '', 'YAML'));
  return document;
}

/** @throws ProblemError CONFIG_INVALID or FIELD_UNKNOWN, every problem of the file at once */
export async function readProfileFile(context: CliContext): Promise<ProfileFile> {
  const path = profilePath(context);
  const content: unknown = (await readProfileDocument(context)).toJS();
  const problems: Problem[] = [];
  const profiles = new Map<string, Profile>();
  const root = isRecord(content) ? content : {};
  if (content !== null && content !== undefined && !isRecord(content))
    problems.push(wrong(path, '', String(content), 'a mapping with current and profiles'));
  for (const key of Object.keys(root))
    if (key !== 'current' && key !== 'profiles') problems.push(unknown(path, key, ['current', 'profiles']));
  if (root.profiles !== undefined && root.profiles !== null && !isRecord(root.profiles))
    problems.push(wrong(path, 'profiles', String(root.profiles), 'a mapping of names to profiles'));
  for (const [name, profile] of Object.entries(isRecord(root.profiles) ? root.profiles : {}))
    profiles.set(name, readProfile(path, name, profile, problems));
  if (root.current !== undefined && typeof root.current !== 'string')
    problems.push(wrong(path, 'current', String(root.current), 'the name of a profile'));
  const [first, ...others] = problems;
  if (first) throw new ProblemError(first, ...others);
  return { profiles, ...(typeof root.current === 'string' ? { current: root.current } : {}) };
}

function readProfile(path: string, name: string, value: unknown, problems: Problem[]): Profile {
  const field = `profiles.${name}`;
  if (!isRecord(value)) {
    if (value !== null) problems.push(wrong(path, field, String(value), 'a mapping'));
    return {};
  }
  for (const [key, each] of Object.entries(value)) {
    if (!isProfileKey(key)) problems.push(unknown(path, `${field}.${key}`, Object.keys(profileKeys)));
    else if (key === 'timeoutSeconds') {
      if (typeof each !== 'number' || !(each > 0))
        problems.push(wrong(path, `${field}.${key}`, String(each), 'a number above 0'));
    } else if (typeof each !== 'string')
      problems.push(wrong(path, `${field}.${key}`, String(each), 'a text'));
  }
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(path: string, field: string, value: string, limit: string): Problem {
  return {
    code: 'CONFIG_INVALID',
    message: `${field || 'the profile file'} is wrong: ${value}`,
    ...(field ? { field } : {}),
    value,
    limit,
    subject: path,
    remedy: `Correct ${path}; mesh config set writes it.`,
  };
}

function unknown(path: string, field: string, known: readonly string[]): Problem {
  const near = closestName(field.split('.').at(-1) ?? '', known);
  return {
    code: 'FIELD_UNKNOWN',
    message: `there is no ${field}${near ? `; did you mean ${near}?` : ''}`,
    field,
    limit: known.join(', '),
    subject: path,
    remedy: `Correct ${path}; mesh config set writes it.`,
  };
}
