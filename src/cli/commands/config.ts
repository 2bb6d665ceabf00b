import { type Command, InvalidArgumentError } from 'commander';
import { type Document, isMap } from 'yaml';
import { transportChoices } from '../../client/transports/transport-choice.ts';
import { closestName } from '../../wire/closest-name.ts';
import type { Bind } from '../action.ts';
import { parseAddress } from '../address.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { positive } from '../options.ts';
import type { Session } from '../session.ts';
import { unknownProfile } from '../settings/client-settings.ts';
import { defaultAddress } from '../settings/default-address.ts';
import { isProfileKey, type Profile, type ProfileKey, profileKeys } from '../settings/profile.ts';
import { profilePath, readProfileDocument, readProfileFile } from '../settings/profile-file.ts';
import { textTable } from '../text-table.ts';
import { settingRows } from '../views/settings-view.ts';

/** `mesh config ...`: how the service is reached, and as whom. Tokens are never printed. */
export function addConfigCommands(config: Command, bind: Bind): void {
  config.addHelpText(
    'after',
    examples(
      'mesh config set --profile staging address https://rebalancer.staging:7443',
      'mesh config set --profile staging tokenCommand "issue-token --audience mesh"',
      'mesh config use staging',
      'mesh config view',
    ),
  );
  config
    .command('view')
    .description('show what is in force, and where each setting is from')
    .addHelpText('after', examples('mesh config view', 'mesh --profile staging config view -o json'))
    .action(bind(viewSettings));
  config
    .command('list')
    .alias('ls')
    .description('list the profiles')
    .addHelpText('after', examples('mesh config list'))
    .action(bind(listProfiles));
  config
    .command('use <profile>')
    .description('make a profile the current one')
    .addHelpText('after', examples('mesh config use staging'))
    .action(
      bind(async (session, name: string) => {
        const { profiles } = await readProfileFile(session.context);
        if (!profiles.has(name))
          throw unknownProfile(name, 'profile', [...profiles.keys()], profilePath(session.context));
        await change(session, (document) => document.set('current', name));
        return say(session, `The current profile is ${name}.`, { current: name });
      }),
    );
  config
    .command('set <key> <value>')
    .description('write a setting of the current profile, or of the one that --profile names')
    .addHelpText('after', `\nKeys:\n${keyLines()}`.trimEnd())
    .addHelpText(
      'after',
      examples('mesh config set --profile staging address https://rebalancer.staging:7443'),
    )
    .action(
      bind(async (session, key: string, text: string) => {
        const value = readValue(knownKey(key), text);
        const name = await chosenName(session);
        await change(session, (document) => {
          document.setIn(['profiles', name, key], value);
          if (!document.has('current')) document.set('current', name);
        });
        return say(session, `Profile ${name}: ${key} is ${text}.`, { profile: name, key, value });
      }),
    );
  config
    .command('unset <key>')
    .description('take a setting out of a profile')
    .addHelpText('after', examples('mesh config unset --profile staging serverName'))
    .action(
      bind(async (session, key: string) => {
        const name = await chosenName(session);
        await change(session, (document) => document.deleteIn(['profiles', name, knownKey(key)]));
        return say(session, `Profile ${name}: ${key} is not set.`, { profile: name, key });
      }),
    );
  config
    .command('path')
    .description('print where the profiles are kept (MESH_CONFIG)')
    .addHelpText('after', examples('mesh config path'))
    .action(
      bind(async (session) => {
        const path = profilePath(session.context);
        return say(session, path, { path });
      }),
    );
}

async function viewSettings(session: Session): Promise<number> {
  const settings = await session.settings();
  const rows = settingRows(settings);
  if (session.json) {
    const shown = Object.fromEntries(
      rows.map(({ setting, value, origin, name }) => [setting, { value, origin, name }]),
    );
    session.printText(
      `${JSON.stringify({ file: profilePath(session.context), settings: shown }, null, 2)}\n`,
    );
  } else {
    session.printText(
      textTable(
        [
          { title: 'SETTING', value: (row) => row.setting },
          { title: 'VALUE', value: (row) => row.value },
          { title: 'FROM', value: (row) => row.name || row.origin },
        ],
        rows,
      ),
    );
  }
  return exitCodes.done;
}

async function listProfiles(session: Session): Promise<number> {
  const { current, profiles } = await readProfileFile(session.context);
  const rows = [...profiles].map(([name, profile]) => ({ name, profile, isCurrent: name === current }));
  if (session.json) {
    const list = rows.map(({ name, profile, isCurrent }) => ({ name, current: isCurrent, ...profile }));
    session.printText(`${JSON.stringify({ profiles: list }, null, 2)}\n`);
  } else {
    session.printText(
      textTable(
        [
          { title: 'CURRENT', value: ({ isCurrent }) => (isCurrent ? '*' : '') },
          { title: 'PROFILE', value: ({ name }) => name },
          { title: 'ADDRESS', value: ({ profile }) => profile.address ?? '-' },
          { title: 'TRANSPORT', value: ({ profile }) => profile.transport ?? 'auto' },
          { title: 'CREDENTIAL', value: ({ profile }) => credentialOf(profile) },
          { title: 'NAMESPACE', value: ({ profile }) => profile.namespace ?? '-' },
        ],
        rows,
      ),
    );
  }
  return exitCodes.done;
}

function credentialOf(profile: Profile): string {
  const credentials = [
    profile.tokenFile ? `token file ${profile.tokenFile}` : profile.tokenCommand ? 'token command' : '',
    profile.clientCertificate ? `certificate ${profile.clientCertificate}` : '',
  ].filter((each) => each !== '');
  return credentials.join(', ') || '-';
}

/** The profile that is written: the one named, even when it is new, or the current one. */
async function chosenName(session: Session): Promise<string> {
  const { options, context } = session;
  const named = options.profile ?? context.env.MESH_PROFILE;
  if (named) return named;
  return (await readProfileFile(context)).current ?? 'default';
}

async function change(session: Session, edit: (document: Document) => void): Promise<void> {
  const document = await readProfileDocument(session.context);
  if (document.contents !== null && !isMap(document.contents)) await readProfileFile(session.context);
  edit(document);
  await session.context.writeFile(profilePath(session.context), String(document), { makeFolder: true });
}

function knownKey(key: string): ProfileKey {
  if (isProfileKey(key)) return key;
  const near = closestName(key, Object.keys(profileKeys));
  throw new InvalidArgumentError(
    `there is no setting ${key}${near ? `; did you mean ${near}?` : ''}; known: ${Object.keys(profileKeys).join(', ')}`,
  );
}

function readValue(key: ProfileKey, text: string): string | number {
  if (key === 'address') return parseAddress(text, key, defaultAddress);
  if (key === 'timeoutSeconds') return positive(text);
  if (key === 'transport' && !transportChoices.some((each) => each === text))
    throw new InvalidArgumentError(`"${text}" is no transport; known: ${transportChoices.join(', ')}`);
  return text;
}

function keyLines(): string {
  return Object.entries(profileKeys)
    .map(([key, meaning]) => `  ${key.padEnd(18)} ${meaning}\n`)
    .join('');
}

function say(session: Session, text: string, facts: Readonly<Record<string, unknown>>): number {
  session.printText(session.json ? `${JSON.stringify(facts, null, 2)}\n` : `${text}\n`);
  return exitCodes.done;
}
