import { useEffect, useState } from 'preact/hooks';
import { messageOf, send } from '../lib/api';
import { session, type Session } from '../lib/session';
import { Button } from '../components/basics';
import { Icon } from '../components/icons';

export function Login() {
  const [by, setBy] = useState<'password' | 'token'>('password');
  const [user, setUser] = useState('');
  const [secret, setSecret] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = 'Log in · Berth';
  }, []);
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      const response = await send('/api/session', { method: 'POST', json: by === 'password' ? { user, password: secret } : { token: secret } });
      session.value = (await response.json()) as Session;
    } catch (e) {
      setError(messageOf(e));
      setSecret('');
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="login" id="content">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h1>
          <Icon name="containers" /> Berth
        </h1>
        <div class="segments" role="group" aria-label="Log in by">
          {(['password', 'token'] as const).map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={by === each}
              onClick={() => {
                setBy(each);
                setSecret('');
              }}
            >
              {each}
            </button>
          ))}
        </div>
        {by === 'password' && (
          <label class="stack-tight">
            User
            <input required autoComplete="username" value={user} onInput={(event) => setUser(event.currentTarget.value)} spellcheck={false} />
          </label>
        )}
        <label class="stack-tight">
          {by === 'password' ? 'Password' : 'Token'}
          <input required type="password" autoComplete={by === 'password' ? 'current-password' : 'off'} value={secret} onInput={(event) => setSecret(event.currentTarget.value)} />
        </label>
        {error && (
          <p class="error-text" role="alert">
            {error}
          </p>
        )}
        <Button kind="primary" type="submit" disabled={busy}>
          Log in
        </Button>
        <p class="muted small-text">
          {by === 'token' ? (
            <>
              An operator makes tokens with <code>berth token create</code>.
            </>
          ) : (
            'Users are those of the platform.'
          )}
        </p>
      </form>
    </main>
  );
}
