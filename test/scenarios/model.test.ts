import { testSeeds } from './model-tests.ts'

testSeeds('even')
