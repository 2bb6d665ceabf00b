import { isGroupName, isPrincipalId, isScope, scopes } from '../../domain/principal.ts';
import type { Role } from '../../domain/role.ts';
import { fieldsOf, textOf, textsOf, type Wrong } from './section-fields.ts';

const fields = ['name', 'groups', 'principals', 'scopes', 'namespaces'] as const;
const namePattern = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const nameRule =
  'a name of 1 to 63 lower-case letters, digits, dots, dashes or underscores, beginning with a letter or digit';
const credentialNameRule = 'a name of 1 to 256 printable characters';

/** One of `auth.roles`; undefined where something of it is wrong. */
export function resolveRole(input: unknown, at: string, wrong: Wrong): Role | undefined {
  const given = fieldsOf(input, at, fields, wrong);
  if (!given) return undefined;
  const isName = (text: string): boolean => namePattern.test(text);
  const name = textOf(given.name, `${at}.name`, nameRule, wrong, isName);
  const groups = textsOf(given.groups, `${at}.groups`, credentialNameRule, wrong, isGroupName);
  const principals = textsOf(given.principals, `${at}.principals`, credentialNameRule, wrong, isPrincipalId);
  const granted = textsOf(given.scopes, `${at}.scopes`, scopes.join(', '), wrong, isScope);
  const namespaces = textsOf(given.namespaces, `${at}.namespaces`, nameRule, wrong, isName);
  if (granted?.length === 0) wrong(`${at}.scopes`, given.scopes, `at least one of ${scopes.join(', ')}`);
  if (groups?.length === 0 && principals?.length === 0) {
    wrong(`${at}.groups`, given.groups, 'groups or principals that have the role');
  }
  if (given.namespaces !== undefined && namespaces?.length === 0) {
    wrong(`${at}.namespaces`, given.namespaces, 'at least one namespace; leave it out for all of them');
  }
  if (name === undefined || !groups || !principals || !granted || !namespaces) return undefined;
  return {
    name,
    groups,
    principals,
    scopes: granted.filter(isScope),
    namespaces: given.namespaces === undefined ? 'all' : namespaces,
  };
}
