// Search by name: `names` (names.js) holds [name, address, summary] of every public name.
const field = document.getElementById('search');
const found = document.getElementById('found');
const menu = document.getElementById('menu');
const up = found.dataset.up;

/** How well a name fits what is looked for, the less the better. */
function distance([name], wanted) {
  const low = name.toLowerCase();
  const own = low.slice(low.lastIndexOf('.') + 1);
  if (own === wanted || low === wanted) return 0;
  if (own.startsWith(wanted)) return 1;
  if (low.startsWith(wanted)) return 2;
  return low.includes(wanted) ? 3 : Number.POSITIVE_INFINITY;
}

function search() {
  const wanted = field.value.trim().toLowerCase();
  const fits = wanted === '' ? [] : window.names.map((entry) => [distance(entry, wanted), entry]);
  const best = fits.filter(([far]) => far < 4).sort(([a], [b]) => a - b);
  found.replaceChildren(
    ...best.slice(0, 30).map(([, [name, href, summary]], i) => {
      const link = document.createElement('a');
      link.href = up + href;
      link.textContent = name;
      link.setAttribute('aria-selected', String(i === 0));
      const note = document.createElement('small');
      note.textContent = summary;
      link.append(note);
      const item = document.createElement('li');
      item.append(link);
      return item;
    }),
  );
}

function select(step) {
  const links = [...found.querySelectorAll('a')];
  const at = links.findIndex((link) => link.getAttribute('aria-selected') === 'true');
  const next = links[Math.min(Math.max(at + step, 0), links.length - 1)];
  links[at]?.setAttribute('aria-selected', 'false');
  next?.setAttribute('aria-selected', 'true');
  next?.scrollIntoView({ block: 'nearest' });
}

function close() {
  field.value = '';
  search();
}

field.addEventListener('input', search);
field.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown') select(1);
  else if (event.key === 'ArrowUp') select(-1);
  else if (event.key === 'Enter') found.querySelector('a[aria-selected="true"]')?.click();
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
});
found.addEventListener('click', () => setTimeout(close));
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || document.activeElement === field) return;
  event.preventDefault();
  field.focus();
});
menu.addEventListener('click', () => {
  const isOpen = document.querySelector('nav').classList.toggle('open');
  menu.setAttribute('aria-expanded', String(isOpen));
});
