import type { JSX } from 'preact';

/**
 * The emoji that the bot says a state with, drawn here: many a machine has no emoji font, and a state that shows as an empty box is none.
 * On a 20 × 20 field.
 */
const circles: Readonly<Record<string, string>> = {
  red_circle: '#d93a34',
  large_orange_circle: '#ef8a17',
  large_yellow_circle: '#f2c230',
  large_green_circle: '#3fae55',
  large_blue_circle: '#2f86e0',
  large_purple_circle: '#8d5cd6',
  white_circle: '#f3f4f2',
  black_circle: '#2b3230',
};

const white = {
  fill: 'none',
  stroke: '#fff',
  'stroke-width': 2.4,
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
} as const;

const drawn: Readonly<Record<string, JSX.Element>> = {
  white_check_mark: (
    <>
      <rect x="2" y="2" width="16" height="16" rx="4" fill="#2f9e4f" />
      <path d="M6 10.5l3 3 5.5-7" {...white} />
    </>
  ),
  heavy_check_mark: <path d="M4 11l4 4 8-10" {...white} stroke="#2f9e4f" />,
  x: <path d="M5 5l10 10M15 5L5 15" {...white} stroke="#d93a34" stroke-width="3" />,
  warning: (
    <>
      <path d="M10 2.5L18.5 17.5h-17z" fill="#f2b21b" stroke="#b57a00" stroke-linejoin="round" />
      <path d="M10 8v4.2M10 14.8v.2" {...white} stroke="#3a2a00" stroke-width="2" />
    </>
  ),
  rotating_light: (
    <>
      <path d="M5 14V9.5a5 5 0 0 1 10 0V14z" fill="#e0352b" />
      <path d="M8 12V9.5a2.2 2.2 0 0 1 2-2" {...white} stroke-width="1.5" />
      <rect x="3.5" y="14" width="13" height="3.5" rx="1" fill="#59636b" />
      <path d="M10 1v1.5M3.2 4l1.2 1.1M16.8 4l-1.2 1.1" {...white} stroke="#e0352b" stroke-width="1.6" />
    </>
  ),
  octagonal_sign: (
    <>
      <path d="M6.5 2h7L18 6.5v7L13.5 18h-7L2 13.5v-7z" fill="#d22f27" />
      <path d="M5.5 10h9" {...white} />
    </>
  ),
  no_entry: (
    <>
      <circle cx="10" cy="10" r="8" fill="#d22f27" />
      <path d="M5.5 10h9" {...white} stroke-width="3" />
    </>
  ),
  eyes: (
    <>
      <ellipse cx="5.8" cy="10" rx="4" ry="5.6" fill="#fff" stroke="#454f4c" />
      <ellipse cx="14.2" cy="10" rx="4" ry="5.6" fill="#fff" stroke="#454f4c" />
      <circle cx="4.8" cy="11" r="2" fill="#22302c" />
      <circle cx="13.2" cy="11" r="2" fill="#22302c" />
    </>
  ),
  hourglass_flowing_sand: (
    <>
      <path
        d="M5 2.5h10M5 17.5h10M6 3c0 4 3 5 4 7-1 2-4 3-4 7M14 3c0 4-3 5-4 7 1 2 4 3 4 7"
        fill="none"
        stroke="#a36a1c"
        stroke-width="1.8"
        stroke-linecap="round"
      />
      <path d="M7.5 16.5c.8-2 5-2 5 0z" fill="#e3b256" />
    </>
  ),
  arrows_counterclockwise: (
    <>
      <rect x="2" y="2" width="16" height="16" rx="4" fill="#2f76c8" />
      <path
        d="M14 8.5A4.3 4.3 0 0 0 6.3 8M6 11.5a4.3 4.3 0 0 0 7.7.5M6 5.5V8h2.5M14 14.5V12h-2.5"
        {...white}
        stroke-width="1.6"
      />
    </>
  ),
  mag: (
    <>
      <circle cx="8" cy="8" r="5" fill="#cfe6f5" stroke="#3b4a52" stroke-width="1.8" />
      <path d="M12 12l5.5 5.5" stroke="#7a5230" stroke-width="2.8" stroke-linecap="round" />
    </>
  ),
  heart: (
    <path
      d="M10 17S2.5 12.3 2.5 7.5A3.9 3.9 0 0 1 10 5.8 3.9 3.9 0 0 1 17.5 7.5C17.5 12.3 10 17 10 17z"
      fill="#d93a4a"
    />
  ),
  '+1': (
    <path
      d="M2.5 9h3.2v8H2.5zM7 16.5V9.2l3-6.7c1.6 0 2.3 1.2 2 2.7L11.5 8h4.3c1.3 0 2 1 1.7 2.2l-1.3 5.3c-.2.9-1 1.5-2 1.5H8.5c-.7 0-1.2-.2-1.5-.5z"
      fill="#e9b44c"
      stroke="#8c6414"
      stroke-width=".8"
    />
  ),
  '-1': (
    <path
      transform="rotate(180 10 10)"
      d="M2.5 9h3.2v8H2.5zM7 16.5V9.2l3-6.7c1.6 0 2.3 1.2 2 2.7L11.5 8h4.3c1.3 0 2 1 1.7 2.2l-1.3 5.3c-.2.9-1 1.5-2 1.5H8.5c-.7 0-1.2-.2-1.5-.5z"
      fill="#e9b44c"
      stroke="#8c6414"
      stroke-width=".8"
    />
  ),
  question: (
    <>
      <circle cx="10" cy="10" r="8" fill="#5a6a66" />
      <path d="M7.5 8a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .7-1 1.4M10 14.5v.1" {...white} stroke-width="2" />
    </>
  ),
  zzz: <path d="M3 10h5l-5 6h5M11 4h5l-5 6h5" {...white} stroke="#5b7bd0" stroke-width="2" />,
};

/** What the reaction picker offers: pictures that everybody sees. */
export const offered: readonly string[] = [
  '+1',
  '-1',
  'eyes',
  'white_check_mark',
  'x',
  'heart',
  'question',
  'warning',
  'rotating_light',
  'hourglass_flowing_sand',
];

const aliases: Readonly<Record<string, string>> = {
  thumbsup: '+1',
  thumbsdown: '-1',
  hourglass: 'hourglass_flowing_sand',
  stop_sign: 'octagonal_sign',
  mag_right: 'mag',
  no_entry_sign: 'no_entry',
};

export function drawnEmoji(given: string): JSX.Element | null {
  const name = aliases[given] ?? given;
  const colour = circles[name];
  if (colour !== undefined)
    return (
      <circle
        cx="10"
        cy="10"
        r="7.5"
        fill={colour}
        stroke={name === 'white_circle' ? '#6c7774' : '#0002'}
        stroke-width="1.5"
      />
    );
  return drawn[name] ?? null;
}
