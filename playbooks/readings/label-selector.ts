type Labels = Readonly<Record<string, string>>;

/** Whether a selector in its text form (`app=model-server,tier in (a,b),!canary`: what `kubectl -l` takes) selects these labels. '' selects all. */
export function selectsLabels(selector: string, labels: Labels): boolean {
  return selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .every((part) => part === '' || fulfils(part, labels));
}

function fulfils(part: string, labels: Labels): boolean {
  const [, setKey = '', operator = '', list = ''] = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part) ?? [];
  if (operator !== '') {
    const isIn = list.split(',').some((value) => value.trim() === labels[setKey]);
    return isIn === (operator === 'in');
  }
  const [, key = '', sign = '', value = ''] = /^([^\s!=]+)\s*(==|=|!=)\s*(\S*)$/.exec(part) ?? [];
  if (sign !== '') return (labels[key] === value) === (sign !== '!=');
  return part.startsWith('!') ? !(part.slice(1) in labels) : part in labels;
}
