import { type DescMethod, type DescService, getOption } from '@bufbuild/protobuf';
import { http } from '../../gen/google/api/annotations_pb.ts';
import type { HttpRule } from '../../gen/google/api/http_pb.ts';
import { type RestOptions, rest } from '../../gen/meshkit/rebalancer/v1/rest_pb.ts';
import { type PathTemplate, parsePathTemplate } from './path-template.ts';

export type HttpMethod = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';

/** One way to call a method over REST, as its annotations say. */
export interface RestRoute {
  readonly httpMethod: HttpMethod;
  readonly template: PathTemplate;
  /** Whether the body is the request, less what the path gives; otherwise the query is. */
  readonly hasBody: boolean;
  readonly method: DescMethod;
  readonly options: RestOptions;
}

/** All routes of services, those with more literal text first: the order in which they are to be tried. */
export function restRoutesOf(services: readonly DescService[]): readonly RestRoute[] {
  return services
    .flatMap((service) => service.methods.flatMap(routesOf))
    .sort((left, right) => right.template.literals - left.template.literals);
}

function routesOf(method: DescMethod): readonly RestRoute[] {
  const rule = getOption(method, http);
  const options = getOption(method, rest);
  return [rule, ...rule.additionalBindings]
    .filter((each) => each.pattern.case !== undefined)
    .map((each) => ({ ...patternOf(method, each), hasBody: hasBody(method, each), method, options }));
}

function patternOf(method: DescMethod, rule: HttpRule): Pick<RestRoute, 'httpMethod' | 'template'> {
  switch (rule.pattern.case) {
    case 'get':
    case 'put':
    case 'post':
    case 'delete':
    case 'patch':
      return {
        httpMethod: rule.pattern.case.toUpperCase() as HttpMethod,
        template: parsePathTemplate(rule.pattern.value),
      };
    default:
      throw new Error(`${method.name} has a route of a kind that we do not have`);
  }
}

function hasBody(method: DescMethod, rule: HttpRule): boolean {
  if (rule.body !== '' && rule.body !== '*')
    throw new Error(`${method.name}: the body is the whole request or none`);
  return rule.body === '*';
}
