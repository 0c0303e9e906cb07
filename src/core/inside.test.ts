import { describe, expect, test } from 'vitest';
import { whyNotInside } from './inside.ts';

const words = (line: string): readonly string[] => line.split(' ');

describe('what may be run inside a container', () => {
  test.each([
    'nvidia-smi',
    'nvidia-smi -L',
    'nvidia-smi --query-gpu=index,utilization.gpu,memory.used,memory.total --format=csv,noheader,nounits',
    'nvidia-smi --query-compute-apps=pid,process_name,used_gpu_memory --format=csv',
    'nvidia-smi -q -d ECC,TEMPERATURE',
    'top -b -n 1',
    'top -b -H -n 1',
    'ls -l /models/current',
    'ls -lah /mnt/models/',
    'stat -L /models/current/weights-00001.safetensors',
    'df -h /dev/shm',
    'df -h',
    'du -sh /models',
    'nproc',
    'cat /proc/meminfo',
    'cat /sys/fs/cgroup/cpu.stat',
  ])('%s', (line) => {
    expect(whyNotInside(words(line))).toBeNull();
  });
});

describe('what may not', () => {
  test.each([
    ['a shell', ['sh', '-c', 'nvidia-smi']],
    ['a shell by its path', ['/bin/sh', '-c', 'id']],
    ['an interpreter', ['python', '-c', 'import torch; torch.load("/models/x")']],
    ['a client', ['curl', 'http://169.254.169.254/latest/meta-data']],
    ['nothing', []],
    ['an empty word', ['']],
    ['a name that every object has', ['constructor']],
    ['another name that every object has', ['__proto__']],
    ['an allowed program by another path', ['/tmp/nvidia-smi']],
    ['resetting a GPU', ['nvidia-smi', '--gpu-reset', '-i', '0']],
    ['setting a power limit', ['nvidia-smi', '-pl', '100']],
    ['writing a file', ['nvidia-smi', '--query-gpu=index', '--format=csv', '-f', '/tmp/x']],
    ['a query of nothing', ['nvidia-smi', '--query-gpu=', '--format=csv']],
    ['a query with a second option in it', ['nvidia-smi', '--query-gpu=index --gpu-reset', '--format=csv']],
    ['top that never ends', ['top']],
    ['top many times', ['top', '-b', '-n', '1000000']],
    ['a link out of the folder', ['ls', '-l', '/models/../etc']],
    ['a folder by its relative name', ['ls', '-l', 'models']],
    ['the whole file system', ['du', '-sh', '/']],
    ['where secrets are mounted', ['ls', '-l', '/var/run/secrets/kubernetes.io']],
    ['where secrets are mounted, by another name', ['ls', '-l', '/run/secrets']],
    ['every process', ['ls', '-l', '/proc/1']],
    ['listing for ever', ['ls', '-lR', '/models']],
    ['two paths', ['ls', '-l', '/models', '/etc']],
    ['an option after the path', ['ls', '/models', '-l']],
    ['an option that is a word', ['ls', '--dired', '/models']],
    ['another format', ['stat', '--format=%n', '/models']],
    ['du of another kind', ['du', '--files0-from=/etc/shadow']],
    ['any other file', ['cat', '/models/config.json']],
    ['the environment', ['cat', '/proc/1/environ']],
    ['a command line', ['cat', '/proc/1/cmdline']],
    ['two files', ['cat', '/proc/meminfo', '/etc/shadow']],
    ['the token', ['cat', '/var/run/secrets/kubernetes.io/serviceaccount/token']],
    ['a line feed in a path', ['ls', '-l', '/models\n/etc']],
    ['a quote in a path', ['ls', '-l', '/models/$(id)']],
  ] satisfies readonly (readonly [string, readonly string[]])[])('%s', (_, argv) => {
    expect(whyNotInside(argv)).toMatch(/is not on the list of what I run inside a container/);
  });
});
