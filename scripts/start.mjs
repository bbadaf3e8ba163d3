// `npm start`: serves, after installing and building what is missing.
import process from 'node:process';
import { prepare, runBuilt, service } from './prepare.mjs';

prepare(service);
if (process.env.npm_lifecycle_event === 'start') endWithNpm();
await runBuilt('main.js');

/**
 * npm passes SIGTERM on to the shell between it and this process, and that shell dies of it without a word to us. The
 * server would stay behind and hold its port.
 */
function endWithNpm() {
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}
