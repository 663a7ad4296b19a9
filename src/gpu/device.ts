// The adapter and its device: the browser's limits, what the adapter calls itself, whether it is a processor that plays a GPU.

import { Arena } from './arena.ts';
import { type Counts, noCounts } from './counts.ts';
import type { Plane } from './nearest.ts';
import { Pipelines } from './pipelines.ts';
import type { Offers } from './tiers.ts';

/** What adapters call themselves that compute on the CPU: SwiftShader, Mesa's llvmpipe and lavapipe, Windows' WARP. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b|software/i;
/** What the kernels need: the least that WebGPU guarantees is enough. Buffers are as large as the adapter lets them be. */
const LARGE = ['maxStorageBufferBindingSize', 'maxBufferSize'] as const;

/** An adapter that was found. */
export interface Found {
  readonly offers: Offers;
  readonly adapter: GPUAdapter;
  readonly name: string;
  readonly software: boolean;
}

/** Why there is none, as a sentence's part. */
export class NoAdapter extends Error {}

/** @throws {@link NoAdapter}. */
export async function findAdapter(gpu: GPU | undefined): Promise<Found> {
  if (!gpu) throw new NoAdapter('this browser, or this kind of page, has no WebGPU');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new NoAdapter('WebGPU gives no adapter');
  const { vendor, architecture, device, description } = adapter.info;
  const words = [vendor, architecture, device, description].filter((word) => word);
  const name = words.join(' ') || 'unnamed adapter';
  const packed = gpu.wgslLanguageFeatures.has('packed_4x8_integer_dot_product');
  const offers = { packed, subgroups: adapter.features.has('subgroups') };
  return { adapter, name, offers, software: adapter.info.isFallbackAdapter || SOFTWARE.test(name) };
}

/** Gets the device and compiles everything. */
export async function makePlane(found: Found, bytesMax: number, counts: Counts = noCounts()): Promise<Plane> {
  const { limits } = found.adapter;
  const requiredLimits = Object.fromEntries(LARGE.map((limit) => [limit, limits[limit]]));
  const requiredFeatures: GPUFeatureName[] = found.offers.subgroups ? ['subgroups'] : [];
  const device = await found.adapter.requestDevice({ label: 'aetherv', requiredLimits, requiredFeatures });
  try {
    const pipelines = await Pipelines.compile(device, found.offers, counts);
    return { device, pipelines, arena: new Arena(device, bytesMax, counts) };
  } catch (error) {
    device.destroy();
    throw error;
  }
}
