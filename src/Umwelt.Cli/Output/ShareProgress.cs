// Long work whose share that is done is known, as a line of percents that is written only when it changes.
using System.Globalization;

namespace Umwelt.Cli.Output;

internal sealed class ShareProgress(ProgressLine line) : IProgress<double>
{
    private int _percent = -1;

    public void Report(double value)
    {
        var percent = (int)(value * 100);
        if (percent != _percent)
        {
            _percent = percent;
            line.Report(string.Create(CultureInfo.InvariantCulture, $"{percent} %"));
        }
    }
}
