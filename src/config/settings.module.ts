import { Global, Module } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { readSettings } from './environment.js';
import { Settings } from './settings.js';

/** Read when the application is created, not when this file is imported, so that tests can set their own environment. */
const environmentSettings = registerAs('settings', () => readSettings(process.env));

/** Gives {@link Settings} to every module. The environment alone is read: no `.env` file changes it unseen. */
@Global()
@Module({
  imports: [ConfigModule.forRoot({ ignoreEnvFile: true, load: [environmentSettings] })],
  providers: [{ provide: Settings, useFactory: (settings: Settings) => settings, inject: [environmentSettings.KEY] }],
  exports: [Settings],
})
export class SettingsModule {}
