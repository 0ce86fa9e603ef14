/*
 * The image of most rows: a lake with a boat to the left and the sun to the right, which shows every turn and mirror, and a
 * strip of pure colours and greys below, which shows wrong conversions.
 */

export interface SceneOptions {
  width: number;
  height: number;
  /** Position of the boat, 0-1. */
  sailed?: number;
  /** Only the sun and the boat, on transparent ground. */
  bare?: boolean;
}

const strip = [
  '#ff0000',
  '#ffff00',
  '#00ff00',
  '#00ffff',
  '#0000ff',
  '#ff00ff',
  '#000000',
  '#555555',
  '#aaaaaa',
  '#ffffff',
];

/** An SVG of 600 × 400 units, stretched to this size. */
export function scene({ width, height, sailed = 0, bare = false }: SceneOptions): Buffer {
  const ground = bare ? '' : landscape;
  const swatches = strip.map(
    (colour, index) => `<rect x="${index * 60}" y="372" width="61" height="28" fill="${colour}"/>`,
  );
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 600 400" preserveAspectRatio="none">
      <defs>${gradients}</defs>${ground}
      <circle cx="452" cy="116" r="96" fill="url(#glow)"/><circle cx="452" cy="116" r="40" fill="#fff3c4"/>
      <g transform="translate(${Math.round(sailed * 190)} 0)">${boat}</g>
      ${bare ? '' : swatches.join('')}
    </svg>`,
  );
}

const gradients = `
  <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color="#28466f"/><stop offset="0.55" stop-color="#e08a5a"/><stop offset="1" stop-color="#f7cf87"/>
  </linearGradient>
  <linearGradient id="lake" x1="0" y1="0" x2="0" y2="1">
    <stop offset="0" stop-color="#d78f63"/><stop offset="0.4" stop-color="#4f6d86"/><stop offset="1" stop-color="#15293d"/>
  </linearGradient>
  <radialGradient id="glow"><stop offset="0" stop-color="#ffe9a8"/><stop offset="1" stop-color="#ffe9a8" stop-opacity="0"/></radialGradient>`;

const landscape = `
  <rect width="600" height="250" fill="url(#sky)"/>
  <path d="M0 214 L92 120 L150 178 L236 84 L342 206 L420 158 L520 226 L600 176 V250 H0Z" fill="#4b4468"/>
  <path d="M0 236 L120 184 L260 236 L390 204 L600 240 V252 H0Z" fill="#2e4a45"/>
  <rect y="248" width="600" height="124" fill="url(#lake)"/>
  <g stroke="#ffe3ab" stroke-linecap="round" stroke-width="3" opacity="0.75">
    <path d="M414 262h76M398 280h110M420 298h66M436 316h34"/>
  </g>`;

const boat = `
  <path d="M92 306 h132 l-24 34 h-86z" fill="#7d2a22"/><rect x="154" y="172" width="6" height="136" fill="#3c2a20"/>
  <path d="M164 176 C214 214 226 262 218 298 H164z" fill="#f6efe2"/><path d="M150 196 L100 298 H150z" fill="#d9452f"/>`;
