// Moments as files: what leads to one is saved in this browser, and sent back to the server to be done again.

/** Lets the browser download a moment. */
export function saveMoment(name, file) {
  const address = URL.createObjectURL(new Blob([file], { type: 'application/x-ndjson' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${name}.ndjson`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/** Brings a moment back; gives how to come in, or a problem to tell. */
export async function loadMoment(file) {
  try {
    const response = await fetch(new URL('moments', document.baseURI), { method: 'POST', body: file, headers: { 'Content-Type': 'application/x-ndjson' } });
    const body = await response.json();
    return response.ok ? body : { problem: `This file can\u2019t be brought back: ${body.error?.message ?? response.statusText}` };
  } catch {
    return { problem: 'The server did not take the file; try again.' };
  }
}
