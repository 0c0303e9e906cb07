/** Somebody else's text as what it looks like: nothing in it reorders, hides or colours what stands around it. Pure. */

/** Colours, titles and cursor moves of terminals. */
// oxlint-disable-next-line no-control-regex -- taking them out is the point
const ANSI = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,2000}(?:\u0007|\u001b\\)|[@-Z\\^_])/g;
/** Overrides, isolates and marks of direction (UAX #9): an approver must read what is there. */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Takes no room on the screen: two names that look alike must be alike. The joiners of emoji and of other scripts stay, see below. */
const NO_WIDTH =
  // oxlint-disable-next-line no-misleading-character-class -- each is meant by itself
  /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
/** A joiner between letters of the Latin, Greek or Cyrillic script, digits or signs joins nothing. */
const JOINER =
  /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}\p{P}\s]|^)[\u200c\u200d]+|[\u200c\u200d]+(?=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}\p{P}\s]|$)/gu;

/** Well-formed; lines stay lines. A second call changes nothing. */
export function neutral(text: string): string {
  return text.toWellFormed().replace(ANSI, '').replace(DIRECTION, '').replace(NO_WIDTH, '').replace(JOINER, '');
}

/** On one line, without any other control character. */
export function neutralLine(text: string): string {
  return neutral(text)
    .replace(/[\s\u0085\u2028\u2029]+/gu, ' ')
    .replace(/\p{Cc}+/gu, '\ufffd')
    .trim();
}
