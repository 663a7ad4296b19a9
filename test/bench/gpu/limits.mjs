// What a device can do at most: bytes copied and sums of products, measured by kernels that do nothing else.

const ROUNDS = 5;

async function fastest(device, run) {
  const times = [];
  for (let i = 0; i <= ROUNDS; i++) {
    const started = performance.now();
    run();
    await device.queue.onSubmittedWorkDone();
    times.push(performance.now() - started);
  }
  return Math.min(...times.slice(1));
}

/** Bytes a millisecond from and to the device's memory. */
export async function bandwidth(device, small) {
  const size = small ? 1 << 22 : 1 << 28;
  const turns = small ? 1 : 16;
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const [from, to] = [device.createBuffer({ size, usage }), device.createBuffer({ size, usage })];
  const ms = await fastest(device, () => {
    const encoder = device.createCommandEncoder();
    for (let i = 0; i < turns; i++) encoder.copyBufferToBuffer(from, 0, to, 0, size);
    device.queue.submit([encoder.finish()]);
  });
  from.destroy();
  to.destroy();
  // Each byte is read and written.
  return (2 * size * turns) / ms;
}

/** Floating-point operations a millisecond: eight independent chains of fused multiply-adds of four numbers in each thread. */
export async function arithmetic(device, small) {
  const [steps, groups] = small ? [64, 8] : [4096, 4096];
  const code = `
@group(0) @binding(0) var<storage, read_write> out: array<vec4f>;
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sums: array<vec4f, 8>;
  for (var j = 0u; j < 8u; j++) { sums[j] = vec4f(f32(id.x + j)); }
  for (var i = 0u; i < ${steps}u; i++) {
    for (var j = 0u; j < 8u; j++) { sums[j] = fma(sums[j], vec4f(0.999), vec4f(0.001)); }
  }
  out[id.x] = sums[0] + sums[1] + sums[2] + sums[3] + sums[4] + sums[5] + sums[6] + sums[7];
}`;
  const module = device.createShaderModule({ code });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const buffer = device.createBuffer({ size: 16 * 256 * groups, usage: GPUBufferUsage.STORAGE });
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer } }],
  });
  const ms = await fastest(device, () => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(groups);
    pass.end();
    device.queue.submit([encoder.finish()]);
  });
  buffer.destroy();
  return (2 * 4 * 8 * steps * 256 * groups) / ms;
}
