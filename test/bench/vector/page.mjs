// The result of a run as one page: recall against speed of every engine, what is wrong with any, and all rows. It loads nothing.

const colours = ['#d1495b', '#2e86ab', '#3a9d5d', '#e08e0b', '#7d5ba6', '#6b7280'];
const [width, height, left, bottom, top, right] = [640, 380, 60, 44, 14, 14];
const shownFrom = 0.7;

const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const short = (value) => (typeof value === 'number' ? String(Number(value.toPrecision(4))) : '');

/** The page of a result file. */
export function page({ machine, load, commit, command, rows }) {
  const plotted = rows.filter(({ config }) => config?.curves);
  const facts = `${machine.cpu}, ${machine.cores} cores, ${machine.browser}, Node ${machine.node}, load ${load.before[0]} → ${load.after[0]}, commit ${commit ?? 'none'}, ${command}`;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>AetherV: recall and speed</title>
<style>
:root { color-scheme: light dark } body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
svg { max-width: 100%; height: auto } svg text { font: 12px system-ui, sans-serif; fill: currentColor } .grid { stroke: currentColor; opacity: .15 }
table { border-collapse: collapse } td, th { padding: .15rem .8rem .15rem 0; text-align: left; vertical-align: top } .facts { opacity: .7 }
</style>
<h1>Recall and speed</h1>
<p class="facts">${escaped(facts)}</p>
<p>One thread, ten hits, the second half of the queries; queries a second of CPU time (in Chromium of the page's clock). Further right and higher is better.</p>
${plotted.map(chart).join('\n')}
<h2>Defects found</h2>
${defects(plotted)}
<h2>All rows</h2>
${table(rows)}
</html>
`;
}

/** Recall from left to right, queries a second upwards by powers of ten; a dot for each ef, which its tooltip tells. */
function chart({ data, row, config: { curves } }) {
  const points = (name) =>
    curves[name].filter(({ recall }) => recall >= shownFrom).map((point) => ({ ...point, qps: 1e6 / point.us }));
  const names = Object.keys(curves);
  const all = names.flatMap(points);
  if (all.length === 0) return '';
  const least = Math.floor(20 * Math.min(...all.map(({ recall }) => recall))) / 20;
  const decades = [Math.floor, Math.ceil].map((to, i) =>
    to(Math.log10((i === 0 ? Math.min : Math.max)(...all.map(({ qps }) => qps)))),
  );
  const [low, high] = [decades[0], Math.max(decades[0] + 1, decades[1])];
  const x = (recall) => left + ((recall - least) / Math.max(0.01, 1 - least)) * (width - left - right);
  const y = (qps) => height - bottom - ((Math.log10(qps) - low) / (high - low)) * (height - bottom - top);
  const at = ({ recall, qps }) => `${x(recall).toFixed(1)},${y(qps).toFixed(1)}`;
  const ticks = [];
  const step = 1 - least > 0.11 ? 0.05 : 0.01;
  for (let recall = least; recall < 1.001; recall += step)
    ticks.push(
      `<path class="grid" d="M${x(recall)} ${top}V${height - bottom}"/><text x="${x(recall)}" y="${height - bottom + 16}" text-anchor="middle">${recall.toFixed(2)}</text>`,
    );
  for (let power = low; power <= high; power++)
    ticks.push(
      `<path class="grid" d="M${left} ${y(10 ** power)}H${width - right}"/><text x="${left - 6}" y="${y(10 ** power) + 4}" text-anchor="end">${(10 ** power).toLocaleString('en')}</text>`,
    );
  const lines = names.map((name, i) => {
    const colour = colours[i % colours.length];
    const own = points(name);
    const dots = own.map((point) => {
      const told = `${name}, ef ${point.ef}: recall ${short(point.recall)}, ${Math.round(point.qps).toLocaleString('en')} a second`;
      return `<circle cx="${x(point.recall).toFixed(1)}" cy="${y(point.qps).toFixed(1)}" r="3.5" fill="${colour}"><title>${escaped(told)}</title></circle>`;
    });
    const legend = `<text x="${left + 12}" y="${height - bottom - 10 - 16 * (names.length - 1 - i)}" style="fill:${colour}">● ${escaped(name)}</text>`;
    return `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${own.map(at).join(' ')}"/>${dots.join('')}${legend}`;
  });
  const labels = `<text x="${(left + width) / 2}" y="${height - 8}" text-anchor="middle">recall at 10</text>`;
  return `<h2>${escaped(data)} <small>(${escaped(row)})</small></h2>
<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="Recall and queries a second on ${escaped(data)}">${ticks.join('')}${labels}${lines.join('')}</svg>`;
}

function defects(plotted) {
  const found = plotted.flatMap(({ data, config }) =>
    Object.entries(config.defects).flatMap(([name, list]) => list.map((what) => ({ data, name, what }))),
  );
  if (found.length === 0) return '<p>Nothing was found.</p>';
  return `<ul>${found.map(({ data, name, what }) => `<li>${escaped(name)} on ${escaped(data)}: ${escaped(what)}</li>`).join('')}</ul>`;
}

function table(rows) {
  const line = (cells, tag = 'td') => `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  const body = rows.map(({ row, peer, data = '', value, unit = '', state, reason }) =>
    line([row, peer ?? 'aetherv', data, short(value), unit, state === 'ok' ? '' : `${state}: ${reason}`]),
  );
  return `<table>${line(['row', 'whose', 'data', 'value', 'unit', ''], 'th')}${body.join('')}</table>`;
}
