import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEVICES, deviceOf } from '../reach/device.js';
import de from '../text/trust/de.js';
import en from '../text/trust/en.js';

const AGENTS = [
  ['apple', 5, 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1'],
  ['apple', 5, 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15'],
  ['mac', 0, 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15'],
  ['android', 5, 'Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36'],
  ['windows', 10, 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0'],
  ['linux', 0, 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0'],
];

test('the right page of the manual is opened', () => {
  for (const [device, touch, agent] of AGENTS) assert.equal(deviceOf(agent, touch), device, agent);
});

test('each device is told in steps, and where it must choose, the authority by name', () => {
  for (const catalogue of [en, de]) {
    for (const device of DEVICES) {
      assert.ok(catalogue[`trust.${device}`], device);
      const steps = Object.keys(catalogue).filter((key) => key.startsWith(`trust.${device}.`));
      assert.ok(steps.length >= 2, device);
    }
    assert.match(catalogue['trust.apple.third'], /\{name\}/);
  }
});
