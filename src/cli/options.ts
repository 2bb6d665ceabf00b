import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../base/duration.ts';
import type { Random } from '../base/random.ts';

/** Options that several commands share, so that they read and mean the same everywhere. */

export function withReason(command: Command): Command {
  return command
    .option('-r, --reason <text>', 'why, for the audit trail', '')
    .option('-t, --ticket <id>', 'change ticket under which it happens', '');
}

export interface ReasonOptions {
  readonly reason: string;
  readonly ticket: string;
}

export function withNamespace(command: Command): Command {
  return command.addOption(
    new Option(
      '-n, --namespace <name>',
      "namespace (MESH_NAMESPACE); the service's only one when left out",
    ).env('MESH_NAMESPACE'),
  );
}

export interface NamespaceOptions {
  /** See `chosenNamespace`. */
  readonly namespace?: string;
}

export function withOverrides(command: Command): Command {
  return command.option(
    '--override <code=reason>',
    'let a guardrail pass, with mesh.admin; repeatable',
    collectOverride,
    [] as OverrideOption[],
  );
}

export interface OverrideOption {
  readonly code: string;
  readonly reason: string;
}

function collectOverride(text: string, before: readonly OverrideOption[]): OverrideOption[] {
  const split = text.indexOf('=');
  const code = split < 0 ? text : text.slice(0, split);
  const reason = split < 0 ? '' : text.slice(split + 1).trim();
  if (reason === '')
    throw new InvalidArgumentError('Write CODE=REASON: an override without a reason is refused.');
  return [...before, { code: code.startsWith('GUARDRAIL_') ? code : `GUARDRAIL_${code}`, reason }];
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('Give a whole number of at least 0.');
  return value;
}

export function share(text: string): number {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('Give a share such as 0.25 or 25%.');
  return value;
}

export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Give a number above 0.');
  return value;
}

/** `90s`, `1h30m`; milliseconds. */
export function durationMs(text: string): number {
  const duration = parseDuration(text);
  if (!duration.ok) throw new InvalidArgumentError(duration.error);
  return duration.value;
}

/** `12GiB`, `500MB`, `1e9`. */
export function byteCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?(?:e\d+)?)\s*([KMGTP]i?)?B?$/i.exec(text);
  const prefix = match?.[2] ?? '';
  const power = ' KMGTP'.indexOf(prefix.charAt(0).toUpperCase() || ' ');
  const value = Number(match?.[1]) * (/i$/i.test(prefix) ? 1024 : 1000) ** Math.max(0, power);
  if (!match || !Number.isFinite(value))
    throw new InvalidArgumentError('Give a size such as 500MB or 12GiB.');
  return value;
}

/** Collects a repeatable option. */
export function collect(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

/** A key by which the service knows a repeated request: a call that was retried makes no second plan. */
export function idempotencyKey(random: Random): string {
  return Array.from({ length: 4 }, () =>
    random
      .integer(2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
}
