import { render } from 'preact'
import { App } from './app.tsx'

const place = document.getElementById('app')
if (!place) throw new Error('index.html has no element with the id "app" to show the dashboard in')
render(<App />, place)
