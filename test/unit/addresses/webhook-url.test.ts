import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../../lambda/addresses/public-address.ts';
import { longestUrl, webhookUrlMistake } from '../../../lambda/addresses/webhook-url.ts';

/** The metadata service of EC2 in the spellings that URL parsers accept. */
const metadataSpellings = [
  'https://169.254.169.254/latest/meta-data/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://0251.0376.0251.0376/',
  'https://0xa9.0xfe.0xa9.0xfe/',
  'https://169.254.43518/',
  'https://169.16689662/',
  'https://169.254.169.254./',
  'https://[::ffff:169.254.169.254]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[::a9fe:a9fe]/',
  'https://[64:ff9b::169.254.169.254]/',
  'https://[2002:a9fe:a9fe::]/',
  'https://①⑥⑨.②⑤④.①⑥⑨.②⑤④/',
  'https://169%2e254%2e169%2e254/',
  'https://169。254。169。254/',
];

describe('URLs of webhooks', () => {
  it.each(metadataSpellings)('%s is refused: it is not on the public Internet', (url) => {
    expect(webhookUrlMistake(url)).toMatch(/not on the public Internet/);
  });

  it.each([
    ['http://example.com/', /https/],
    ['ftp://example.com/', /https/],
    ['https://', /not a URL/],
    ['example.com/hook', /not a URL/],
    ['https://user@example.com/', /user name/],
    ['https://user:password@example.com/', /user name/],
    ['https://example.com@169.254.169.254/', /user name/],
    ['https://example.com/#here', /fragment/],
    ['https://example.com/#', /fragment/],
    ['https:example.com/', /https:\/\//],
    [' https://example.com/', /https:\/\//],
    ['https://exam\nple.com/', /https:\/\//],
    ['https://localhost/', /public Internet/],
    ['https://LOCALHOST./', /public Internet/],
    ['https://db.localhost/', /public Internet/],
    ['https://intranet/', /public Internet/],
    ['https://metadata.google.internal/', /public Internet/],
    ['https://printer.local/', /public Internet/],
    ['https://0/', /public Internet/],
    ['https://127.1/', /public Internet/],
    ['https://[::1]/', /public Internet/],
    ['https://[fd00:ec2::254]/', /public Internet/],
    ['https://[fe80::1]/', /public Internet/],
    ['https://example.com:25/', /port/],
    ['https://example.com:0/', /port/],
    ['https://example.com.:1023/', /port/],
    ['https://8.8.8.8:25/', /port/],
    ['https://134744072:22/', /port/],
    ['https://[2606:4700:4700::1111]:22/', /port/],
    [`https://example.com/${'a'.repeat(longestUrl)}`, /longer/],
  ])('%s is refused', (url, why) => {
    expect(webhookUrlMistake(url)).toMatch(why);
  });

  it.each([
    'https://example.com/hooks/sluice?a=b',
    'https://example.com:8443/',
    'https://example.com./',
    'https://8.8.8.8/',
    'https://8.8.8.8:443/',
    'https://8.8.8.8:1024/',
    'https://[2606:4700:4700::1111]/',
    'https://[2606:4700:4700::1111]:8443/',
    'https://bücher.example/',
  ])('%s is accepted', (url) => {
    expect(webhookUrlMistake(url)).toBeUndefined();
  });

  it('private hosts are accepted where they are allowed, over https only', () => {
    expect(webhookUrlMistake('https://localhost:4000/', { allowPrivate: true })).toBeUndefined();
    expect(webhookUrlMistake('http://localhost:4000/', { allowPrivate: true })).toMatch(/https/);
  });
});

describe('public addresses', () => {
  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '192.168.1.1'],
    ...['192.0.0.8', '192.0.2.1', '192.88.99.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::7f00:1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '64:ff9b:1::1', '100::1'],
    ...['2001::1', '2001:db8::1', '2002::1', '3fff::1', '4000::1', 'fc00::1', 'fe80::1', 'fe80::1%eth0'],
    ...['fec0::1', 'ff02::1', '', 'example.com', '1.2.3.4.5'],
  ])('%s is none', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['1.1.1.1', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2606:4700::1', '2a00:1450::1'])(
    '%s is one',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});
