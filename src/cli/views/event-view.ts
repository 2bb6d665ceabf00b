import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { Event } from '../../gen/meshkit/rebalancer/v1/event_pb.ts';
import { EventType } from '../../gen/meshkit/rebalancer/v1/event_pb.ts';
import { visibleText } from '../visible-text.ts';

/** `12:03:44  planStatusChanged   plan/01J…  from=approved to=executing` */
export function describeEvent(event: Event): string {
  const at = event.at ? new Date(timestampMs(event.at)).toISOString().slice(11, 19) : '--:--:--';
  const facts = Object.entries(event.data ?? {})
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}=${typeof value === 'number' ? Number(value.toPrecision(6)) : value}`)
    .join(' ');
  return `${at}  ${eventName(event.type).padEnd(21)}  ${visibleText(`${event.subject}  ${facts}`)}\n`;
}

/** The domain's name of an event's type: `planStatusChanged`. */
export function eventName(type: EventType): string {
  return (EventType[type] ?? 'UNKNOWN')
    .toLowerCase()
    .replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
