/** Start and stop of the server of the page's files: `node dist/server.js`. */
export {};
