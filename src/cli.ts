#!/usr/bin/env node
import { main } from './shell/main.js'

// Everything is closed by now; what would keep the process is somebody's forgotten timer.
process.exit(await main(process.argv.slice(2)))
