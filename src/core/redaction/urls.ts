// Every quantifier is bounded, and each pattern starts with a literal that its own run cannot hold, so time stays linear.

/** Takes passwords out of URLs and connection strings (`scheme://user:…@host`), and webhook addresses that are secrets as a whole. */
export function redactUrls(text: string): string {
  let now = text;
  if (now.includes('://')) {
    now = now
      .replace(
        /(:\/\/[^\s/@:"'<>[\]]{0,128}:)([^\s/"'<>]{1,256}(?=@)|(?!\d{1,5}\/)[^\s@"'<>]{1,256}(?=@[\w.-]{1,253}(?::\d{1,5})?(?:[/?\s,"']|$)))/g,
        (all, head: string, password: string) => (isDone(password) ? all : `${head}[redacted: password]`),
      )
      .replace(/(:\/\/)([A-Za-z0-9_-]{16,256})(?=@)/g, (all, head: string, token: string) =>
        /\d/.test(token) ? `${head}[redacted: token]` : all,
      )
      .replace(/(hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/)[\w/-]{8,256}/g, '$1[redacted: webhook]')
      .replace(
        /((?:discord(?:app)?\.com\/api\/webhooks|webhook\.office\.com\/webhookb2)\/)[\w/@.-]{8,512}/g,
        '$1[redacted: webhook]',
      )
      .replace(
        /(events\.(?:eu\.)?pagerduty\.com\/(?:integration|x-ere|generic\/[\d-]{1,12})\/)[A-Za-z0-9]{8,64}/g,
        '$1[redacted: key]',
      );
  }
  if (now.includes('@')) {
    now = now
      .replace(
        /(?<![\w.-])([\w.-]{1,64}:)([^\s@"'/:]{1,128})(?=@(?:tcp|tcp6|unix)\()/g,
        (all, head: string, password: string) => (isDone(password) ? all : `${head}[redacted: password]`),
      )
      .replace(/(jdbc:oracle:thin:[^\s/@]{1,64}\/)([^\s@[]{1,128})(?=@)/g, '$1[redacted: password]');
  }
  return now;
}

const isDone = (value: string): boolean =>
  value.startsWith('[redacted:') || /^(?:\*{3,}|x{3,}|\$\{?[A-Za-z_]\w*\}?)$/.test(value);
