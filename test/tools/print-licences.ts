import { packageLicences } from '../release/licences.ts';

// The licences of what is shipped, a line a package.
for (const { name, shipped, licence = 'none is named' } of packageLicences()) {
  if (shipped) process.stdout.write(`${name}\t${licence}\n`);
}
