import type { Command } from 'commander';
import { readTokenClaims, type TokenClaims } from '../../client/credentials/token-claims.ts';
import { type EndpointReport, probeEndpoint } from '../../client/probe-endpoint.ts';
import { createEndpoint } from '../../client/transports/endpoint.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import type { ClientSettings } from '../settings/client-settings.ts';
import {
  authorities,
  clientCertificateFiles,
  tokenSource,
  transportMemory,
} from '../settings/open-client.ts';
import { textTable } from '../text-table.ts';
import {
  type Check,
  certificateCheck,
  claimsCheck,
  clockCheck,
  memoryCheck,
  settingsCheck,
  versionChecks,
} from '../views/doctor-view.ts';

/** `mesh doctor`: everything between this terminal and the service, looked at piece by piece. */
export function defineDoctorCommand(doctor: Command, bind: Bind): void {
  doctor
    .addHelpText('after', examples('mesh doctor', 'mesh --profile staging doctor -o json'))
    .action(bind(examine));
}

async function examine(session: Session): Promise<number> {
  const { context } = session;
  const settings = await session.settings();
  const { origin } = new URL(settings.address.value);
  const memory = transportMemory(context);
  const remembered = memory.recall(origin);
  const report = await probe(session, settings);
  const works = report.versions.some((each) => each.version === 'h3' && each.handshakeMs !== undefined);
  if (remembered && works) memory.forget(origin);
  const token = await credential(session, settings);
  const service = await askService(session);
  const checks: readonly Check[] = [
    settingsCheck(settings),
    ...versionChecks(report),
    certificateCheck(report, settings, context.clock.now()),
    clockCheck(report),
    memoryCheck(remembered, works),
    token.check,
    service.check,
  ];
  const reachable = report.versions.some((each) => each.handshakeMs !== undefined);
  const exitCode = !reachable ? exitCodes.unreachable : token.exitCode || service.exitCode;
  if (session.json) {
    const facts = { address: settings.address.value, exitCode, ...report, checks };
    session.printText(`${JSON.stringify(facts, null, 2)}\n`);
  } else printChecks(session, checks);
  return exitCode;
}

async function probe(session: Session, settings: ClientSettings): Promise<EndpointReport> {
  const { context } = session;
  const ca = await authorities(context, settings);
  const clientCertificate = await clientCertificateFiles(context, settings);
  const endpoint = createEndpoint(settings.address.value, {
    ...(ca === undefined ? {} : { ca }),
    ...(settings.serverName ? { serverName: settings.serverName.value } : {}),
    ...(clientCertificate ? { clientCertificate } : {}),
  });
  return probeEndpoint(endpoint, context.clock);
}

interface Finding {
  readonly check: Check;
  readonly exitCode: number;
}

/** What is shown to the service, as far as it tells of itself: only the service can say whether it is genuine. */
async function credential(session: Session, settings: ClientSettings): Promise<Finding> {
  const source = tokenSource(session.context, settings);
  if (!source) {
    const detail = settings.clientCertificate
      ? `client certificate ${settings.clientCertificate.value}`
      : 'none is given';
    const remedy = settings.clientCertificate
      ? {}
      : {
          remedy: 'Name a token with --token-file, MESH_TOKEN or a profile (mesh config set tokenFile FILE).',
        };
    const result = settings.clientCertificate ? 'good' : 'warning';
    return { check: { check: 'credential', result, detail, ...remedy }, exitCode: exitCodes.done };
  }
  let claims: TokenClaims | undefined;
  try {
    claims = readTokenClaims(await source.token());
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const [{ message, remedy }] = error.problems;
    const check: Check = {
      check: 'credential',
      result: 'bad',
      detail: message,
      ...(remedy ? { remedy } : {}),
    };
    return { check, exitCode: exitCodes.denied };
  }
  const check = claimsCheck(source.origin, claims, session.context.clock.now());
  return { check, exitCode: check.result === 'bad' ? exitCodes.denied : exitCodes.done };
}

/** The whole way once: through the client, with its fallback and its credential. */
async function askService(session: Session): Promise<Finding> {
  try {
    const status = await session.call((client) => client.status.getStatus({}));
    const stats = (await session.client()).transport();
    const downgrade = stats.downgrades.at(-1);
    const why = downgrade ? ` (wanted ${downgrade.from}: ${downgrade.reason})` : '';
    const detail = `${status.version}, cluster ${status.cluster}, over ${stats.used ?? 'memory'}${why}`;
    return { check: { check: 'service', result: 'good', detail }, exitCode: exitCodes.done };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const [{ code, message, remedy }] = error.problems;
    const check: Check = {
      check: 'service',
      result: 'bad',
      detail: `${code}: ${message}`,
      ...(remedy ? { remedy } : {}),
    };
    return { check, exitCode: exitCodeOf(code) };
  }
}

function printChecks(session: Session, checks: readonly Check[]): void {
  const { style } = session;
  const paints = { good: style.good, warning: style.warn, bad: style.bad };
  session.printText(
    textTable<Check>(
      [
        { title: 'CHECK', value: (each) => each.check },
        { title: 'RESULT', value: (each) => each.result, paint: (text, each) => paints[each.result](text) },
        { title: 'DETAIL', value: (each) => each.detail },
      ],
      checks,
    ),
  );
  const told = new Set<string>();
  for (const { check, remedy } of checks) {
    if (!remedy || told.has(remedy)) continue;
    told.add(remedy);
    session.printText(`${style.quiet('→')} ${check}: ${remedy}\n`);
  }
}
