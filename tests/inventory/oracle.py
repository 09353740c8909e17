"""Answers questions about inventories with Ansible's own code.

One JSON question a line on stdin, one JSON answer a line on stdout. Starting
ansible-inventory for each question would take most of a second each.
"""

import json
import sys

from ansible import constants as C
from ansible import context
from ansible.cli.inventory import InventoryCLI
from ansible.parsing.vault import VaultLib, VaultSecret, VaultSecretsContext
from ansible.plugins.loader import init_plugin_loader
from ansible.utils import vars as ansible_vars
from ansible.utils.context_objects import CLIArgs

# What only warns by default is a wrong answer here.
C.INVENTORY_ANY_UNPARSED_IS_FAILED = True
C.HOST_PATTERN_MISMATCH = 'error'


def init_context(options):
    # The real one is a singleton, and keeps the first question's options.
    context.CLIARGS = CLIArgs.from_options(options)


context._init_global_context = init_context
init_plugin_loader()


def forget():
    VaultSecretsContext._current = None
    for module in list(sys.modules.values()):
        if getattr(module, '__name__', '').endswith('vars.host_group_vars'):
            for cache in ('FOUND', 'CANONICAL_PATHS', 'NAK'):
                if hasattr(module, cache):
                    getattr(module, cache).clear()
    for function, name in ((ansible_vars.load_extra_vars, 'extra_vars'),
                           (ansible_vars.load_options_vars, 'options_vars')):
        if hasattr(function, name):
            delattr(function, name)


def prepare(question):
    forget()
    args = ['ansible-inventory', '--list']
    for source in question['sources']:
        args += ['-i', source]
    for extra in question.get('extra_vars', []):
        args += ['-e', extra]
    for vault in question.get('vault', []):
        args += ['--vault-id', vault]
    if question.get('fleet_root'):
        args += ['--playbook-dir', question['fleet_root']]
    cli = InventoryCLI(args)
    cli.parse()
    cli.loader, cli.inventory, cli.vm = cli._play_prereqs()
    return cli


def answer(question):
    if 'encrypt' in question:
        secret = VaultSecret(question['password'].encode())
        text = VaultLib().encrypt(question['encrypt'], secret, vault_id=question.get('id'))
        return {'envelope': text.decode()}
    cli = prepare(question)
    listed = cli.dump(cli.json_inventory(cli._get_group('all')))
    graph = '\n'.join(cli._graph_group(cli._get_group('all')))
    graph_vars = None
    if question['graph_vars']:
        context.CLIARGS = CLIArgs({**context.CLIARGS, 'show_vars': True})
        graph_vars = '\n'.join(cli._graph_group(cli._get_group('all')))
    patterns = []
    for pattern, limit in question.get('patterns', []):
        try:
            cli.inventory.subset(limit)
            patterns.append([host.name for host in cli.inventory.get_hosts(pattern)])
        except Exception as error:
            patterns.append({'error': str(error)})
    cli.inventory.subset(None)
    names = {host.name: host.get_magic_vars()['group_names'] for host in cli.inventory.get_hosts()}
    return {'list': json.loads(listed), 'text': listed, 'graph': graph, 'graph_vars': graph_vars, 'patterns': patterns,
            'group_names': names,
            'depths': {g.name: g.depth for g in cli.inventory.groups.values()}}


def main():
    out = sys.stdout
    # Ansible's own messages must not get between the answers.
    sys.stdout = sys.stderr
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except BaseException as error:
            reply = {'error': f'{type(error).__name__}: {error}'}
        print(json.dumps(reply), file=out, flush=True)


main()
