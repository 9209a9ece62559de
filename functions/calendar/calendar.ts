/** Writes a calendar file (RFC 5545). Times are in UTC, each worked out for its own day, so that the clocks may change in between. */

export type CalendarEvent = {
  /** Stays the same for as long as it is the same event: whoever reads the file again replaces what they had. */
  uid: string;
  /** Counts its changes. */
  sequence: number;
  /** When what is said here was last true to the record. */
  stamp: string;
  startsAt: string;
  endsAt: string;
  title: string;
  place?: string | undefined;
  cancelled: boolean;
};

/** How often a calendar that subscribed is to look. */
const LOOK_AGAIN = 'PT6H';

/** The most octets of a line, without its end (RFC 5545, 3.1). */
const LINE_OCTETS = 75;

/** The file of some events. Throws where there are none: a calendar has at least one. */
export function calendarOf(name: string, events: readonly CalendarEvent[]): string {
  if (events.length === 0) throw new Error('a calendar without events');
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Open Social Prescribing//Sessions//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${asText(name)}`,
    `REFRESH-INTERVAL;VALUE=DURATION:${LOOK_AGAIN}`,
    `X-PUBLISHED-TTL:${LOOK_AGAIN}`,
    ...events.flatMap(linesOf),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

function linesOf(event: CalendarEvent): string[] {
  const { uid, sequence, stamp, startsAt, endsAt, title, place, cancelled } = event;
  return [
    'BEGIN:VEVENT',
    `UID:${asText(uid)}`,
    `DTSTAMP:${asUtc(stamp)}`,
    `SEQUENCE:${sequence}`,
    `DTSTART:${asUtc(startsAt)}`,
    `DTEND:${asUtc(endsAt)}`,
    `SUMMARY:${asText(title)}`,
    ...(place === undefined ? [] : [`LOCATION:${asText(place)}`]),
    `STATUS:${cancelled ? 'CANCELLED' : 'CONFIRMED'}`,
    // Others who may see the calendar see that it is taken, and not what by.
    'CLASS:PRIVATE',
    `TRANSP:${cancelled ? 'TRANSPARENT' : 'OPAQUE'}`,
    'END:VEVENT',
  ];
}

/** 2026-11-24T16:00:00.000Z → 20261124T160000Z. */
function asUtc(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/** A text value (3.3.11): no control characters, and what has a meaning of its own is escaped. */
function asText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\\;,]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll(/\p{Cc}/gu, '');
}

/** A line in pieces of at most 75 octets, each further one after a space; no character is cut in two. */
function folded(line: string): string {
  const pieces = [''];
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > LINE_OCTETS) {
      pieces.push(' ');
      octets = 1;
    }
    pieces.push(`${pieces.pop()}${character}`);
    octets += size;
  }
  return pieces.join('\r\n');
}
