import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseCommit } from '../../bench/base_commit.js';

describe('baseCommit', () => {
  let folder: string;
  let count = 0; // commits of the same time and message would be the same commit

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'luge-base-'));
    git('init', '--quiet', '--initial-branch=main');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function git(...args: string[]): string {
    return gitAt('2024-01-01T00:00:00Z', ...args);
  }
  function gitAt(date: string, ...args: string[]): string {
    const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org'];
    const env = { ...process.env, GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date };
    return execFileSync('git', [...identity, ...args], {
      cwd: folder,
      env,
      encoding: 'utf8',
    }).trim();
  }
  /** Makes a commit and gives its name. */
  function commit(date = '2024-01-01T00:00:00Z'): string {
    gitAt(date, 'commit', '--quiet', '--allow-empty', '-m', `commit ${++count}`);
    return git('rev-parse', 'HEAD');
  }

  it('is where a branch left main', () => {
    commit();
    const left = commit();
    git('checkout', '--quiet', '-b', 'work');
    commit();
    commit();
    git('checkout', '--quiet', 'main');
    commit();
    git('checkout', '--quiet', 'work');
    expect(baseCommit(folder)).toEqual({ commit: left, reason: 'where this left main' });
  });

  it('is where a branch left the main branch of origin, in a clone of that branch alone', () => {
    const left = commit();
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    commit();
    expect(baseCommit(folder)).toEqual({ commit: left, reason: 'where this left origin/main' });
  });

  it('is HEAD itself when files are changed', () => {
    writeFileSync(join(folder, 'file'), 'one');
    git('add', 'file');
    commit();
    const head = commit();
    writeFileSync(join(folder, 'file'), 'two');
    expect(baseCommit(folder)).toEqual({ commit: head, reason: 'where this left main' });
  });

  it('is on main the state of a day before', () => {
    commit('2024-01-01T00:00:00Z');
    const before = commit('2024-01-08T09:00:00Z');
    commit('2024-01-08T23:00:00Z');
    commit('2024-01-09T10:00:00Z');
    expect(baseCommit(folder)).toEqual({ commit: before, reason: 'a day before' });
  });

  it('is the oldest commit of a short history', () => {
    const oldest = commit('2024-01-09T08:00:00Z');
    commit('2024-01-09T09:00:00Z');
    commit('2024-01-09T10:00:00Z');
    expect(baseCommit(folder)).toEqual({ commit: oldest, reason: 'the oldest there is' });
  });

  it('is undefined where there is no other commit, and no repository', () => {
    commit();
    expect(baseCommit(folder)).toBeUndefined();
    rmSync(join(folder, '.git'), { recursive: true });
    expect(baseCommit(folder)).toBeUndefined();
  });
});
