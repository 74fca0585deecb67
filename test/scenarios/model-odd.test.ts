import { testSeeds } from './model-tests.ts'

testSeeds('odd')
