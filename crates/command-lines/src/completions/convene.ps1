# Completes `convene`: the program itself knows its commands, conferences, rooms and people.
Register-ArgumentCompleter -Native -CommandName convene -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $before = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    convene __complete -- @before "=$wordToComplete" 2>$null | ForEach-Object {
        $word, $about = $_ -split "`t", 2
        $typed = if ($word -match "[\s'`"]") { "'" + $word.Replace("'", "''") + "'" } else { $word }
        $tip = if ($about) { $about } else { $word }
        [System.Management.Automation.CompletionResult]::new($typed, $word, 'ParameterValue', $tip)
    }
}
